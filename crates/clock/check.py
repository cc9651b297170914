#!/usr/bin/env python3
"""Check the calendar of working days against independent ones, and the iCalendar output with an independent reader.

    python3 crates/clock/check.py

The libraries are installed into an environment below `target/`. Without a package index the check is skipped by name; with
`CI` set that is a failure.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "xtask" / "python"))

from environment import absent, built, libraries, run  # noqa: E402

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
    if not libraries(WORK, REQUIREMENTS):
        return absent("the check of the calendar needs the libraries of crates/clock/check/requirements.txt")
    failed = run(PYTHON, "-B", HERE / "check" / "compare.py")
    program = built(ROOT, "--example", "due_dates")
    if program is None:
        return 1
    failed |= run(program, WRITTEN, cwd=ROOT)
    failed |= run(PYTHON, "-B", HERE / "check" / "read_ics.py", WRITTEN)
    return failed


if __name__ == "__main__":
    sys.exit(main())
