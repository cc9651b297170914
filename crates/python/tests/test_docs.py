"""docs/python.md works as it is written."""

import contextlib
import io
import os
import re
import unittest

import city

PAGE = city.ROOT / "docs" / "python.md"


def blocks(kind: str) -> list[str]:
    """The page's code of one kind, with empty lines before it, so that an error names the page's line."""
    text = PAGE.read_text(encoding="utf-8")
    found = re.finditer(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return ["\n" * text[: one.start(1)].count("\n") + one[1] for one in found]


def run(kind: str, names: dict) -> str:
    """Run the page's code of one kind, in one namespace, from the root of the project; what it printed."""
    said = io.StringIO()
    before = os.getcwd()
    os.chdir(city.ROOT)
    try:
        with contextlib.redirect_stdout(said):
            for block in blocks(kind):
                exec(compile(block, PAGE, "exec"), names)
    finally:
        os.chdir(before)
    return said.getvalue()


class Page(unittest.TestCase):
    def test_the_code_works(self):
        self.assertGreaterEqual(len(blocks("python")), 5)
        names: dict = {}
        said = run("python", names)
        self.assertIn(city.pack().digest, said)
        violated = names["verdicts"][names["verdicts"]["outcome"] == "violated"]
        switch = violated[violated["rule"] == "cn.iisarmp/17/1#stop-on-switch-off"]
        self.assertEqual(switch["decision_id"].tolist(), ["D1"])
        self.assertIn("violated", said)


if __name__ == "__main__":
    unittest.main()
