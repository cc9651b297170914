#!/usr/bin/env python3
"""Check the calendar of working days against independent ones, and the iCalendar output with an independent reader.

    python3 crates/clock/check.py

The libraries are installed into an environment below `target/`. Without a package index the check is skipped by name; with
`CI` set that is a failure.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = ROOT / "target" / "clock"
PYTHON = WORK / "venv" / "bin" / "python"
REQUIREMENTS = HERE / "check" / "requirements.txt"
WRITTEN = WORK / "due.ics"


def main() -> int:
    if sys.version_info < (3, 11):
        return absent("the check of the calendar needs Python 3.11 or later")
    WORK.mkdir(parents=True, exist_ok=True)
    if not libraries():
        return absent("the check of the calendar needs the libraries of crates/clock/check/requirements.txt")
    failed = run(PYTHON, "-B", HERE / "check" / "compare.py")
    cargo = ("cargo", "run", "--quiet", "--locked", "--package", "gongdao-clock", "--example", "due_dates")
    failed |= run(*cargo, "--", WRITTEN, cwd=ROOT)
    failed |= run(PYTHON, "-B", HERE / "check" / "read_ics.py", WRITTEN)
    return failed


def absent(what: str) -> int:
    print(f"skipped: {what}", flush=True)
    return 1 if os.environ.get("CI") else 0


def run(*command: object, **settings: object) -> int:
    return subprocess.run([str(part) for part in command], **settings).returncode  # type: ignore[call-overload]


def libraries() -> bool:
    """The environment with the pinned libraries, made anew when they change."""
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()
    stamp = WORK / "venv" / "requirements.sha256"
    if stamp.exists() and stamp.read_text() == wanted:
        return True
    venv.create(WORK / "venv", with_pip=True, clear=True)
    if run(PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", REQUIREMENTS):
        return False
    stamp.write_text(wanted)
    return True


if __name__ == "__main__":
    sys.exit(main())
