"""Packs: read, refused with every problem, sent elsewhere as bytes."""

import json
import pickle
import subprocess
import sys
import unittest
from pathlib import Path

import city
import gongdao
from gongdao._gongdao import read_folder

PACKS = city.ROOT / "packs"


class Packs(unittest.TestCase):
    def test_the_digest_is_the_one_of_the_audit(self):
        summary = json.loads((city.AUDIT / "summary.json").read_text())
        self.assertIn(city.pack().digest, json.dumps(summary))

    def test_files_that_are_in_memory(self):
        files = {
            path.relative_to(PACKS).as_posix(): path.read_bytes() for path in sorted(PACKS.rglob("*")) if path.is_file()
        }
        self.assertEqual(gongdao.Pack(files).digest, city.pack().digest)

    def test_a_pack_travels_without_its_folder(self):
        content = pickle.dumps(city.pack())
        self.assertLess(len(content), 600_000)
        self.assertIs(pickle.loads(content), pickle.loads(content))
        code = "import pickle, sys; print(pickle.load(sys.stdin.buffer).digest)"
        elsewhere = subprocess.run([sys.executable, "-c", code], input=content, capture_output=True, cwd="/", check=True)
        self.assertEqual(elsewhere.stdout.decode().strip(), city.pack().digest)

    def test_the_rules_are_a_table(self):
        rules = city.pack().rules
        self.assertEqual(rules["key"].to_pylist(), sorted(rules["key"].to_pylist(), key=lambda key: rules["key"].to_pylist().index(key)))
        by_key = {row["key"]: row for row in rules.to_pylist()}
        self.assertEqual(len(by_key), len(rules))
        for key, row in by_key.items():
            reading = f"?{row['reading']}" if row["reading"] else ""
            self.assertEqual(key, f"{row['rule']}@{row['from'].isoformat()}{reading}")
            self.assertIn(row["standing"], ("verified", "unverified", "draft"))
            self.assertTrue(row["until"] is None or row["from"] < row["until"], key)
            self.assertTrue(row["zh"] and row["en"] and row["actions"], key)
        facts = set(city.pack().facts["path"].to_pylist())
        self.assertLessEqual({fact for row in by_key.values() for fact in row["facts"]}, facts)
        actions = set(city.pack().actions["name"].to_pylist())
        self.assertLessEqual({action for row in by_key.values() for action in row["actions"]}, actions)

    def test_every_problem_is_told_with_its_place(self):
        files = read_folder(PACKS)
        rule, other = (f"cn/catering-guidance/rules/section-0{number}@2021-07-16.cedar" for number in (1, 2))
        self.assertIn(b"context.", files[rule])
        provisions = "cn/pipl/provisions.toml"
        files[rule] = files[rule].replace(b"context.", b"context.shoe", 1)
        files[other] = b"forbid (principal"
        files[provisions] = b"format = \n" + files[provisions]
        with self.assertRaises(gongdao.GongdaoError) as raised:
            gongdao.Pack(files)
        problems = raised.exception.problems
        at_fault = {problem.file for problem in problems}
        self.assertLessEqual({rule, other, provisions}, at_fault, problems)
        for problem in problems:
            self.assertTrue(problem.message)
        self.assertEqual([p.line for p in problems if p.file == provisions][:1], [1])
        self.assertTrue(all(str(problem) in str(raised.exception) for problem in problems))
        again = pickle.loads(pickle.dumps(raised.exception))
        self.assertEqual(again.problems, problems)

    def test_a_folder_that_is_none(self):
        for folder in ("/nowhere/at/all", Path(__file__)):
            with self.assertRaises(gongdao.GongdaoError) as raised:
                gongdao.Pack.load(folder)
            self.assertIn("cannot read the packs folder", str(raised.exception))
            self.assertIsNotNone(raised.exception.problems[0].hint)
        with self.assertRaises(gongdao.GongdaoError):
            gongdao.Pack({})


if __name__ == "__main__":
    unittest.main()
