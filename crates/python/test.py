#!/usr/bin/env python3
"""Build the wheel, install it beside pinned libraries in an environment below `target/`, and test it on a simulated city.

    python3 crates/python/test.py [TEST …]

What this machine lacks (Java for Spark, a package index for the libraries) is skipped by name; with `CI` set it is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "xtask" / "python"))

from environment import absent, built, libraries, run  # noqa: E402

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = ROOT / "target" / "wheel"
PYTHON = WORK / "venv" / "bin" / "python"
REQUIREMENTS = HERE / "tests" / "requirements.txt"
DECISIONS = "20000"


def main() -> int:
    if sys.version_info < (3, 11):
        return absent("the wheel's tests need Python 3.11 or later")
    WORK.mkdir(parents=True, exist_ok=True)
    if not libraries(WORK, REQUIREMENTS):
        return absent("the wheel's tests need the libraries of crates/python/tests/requirements.txt from a package index")
    steps = [("wheel", wheel), ("types", types), ("city", city), ("tests", tests)]
    for name, step in steps:
        started = time.monotonic()
        status = step()
        print(f"== {name}: {time.monotonic() - started:.0f} s", flush=True)
        if status:
            return status
    return 0


def wheel() -> int:
    """Build and install it as its users would."""
    out = WORK / "dist"
    shutil.rmtree(out, ignore_errors=True)
    maturin = WORK / "venv" / "bin" / "maturin"
    status = run(maturin, "build", "--locked", "--quiet", "--interpreter", PYTHON, "--out", out, cwd=HERE)
    if status:
        return status
    (built,) = out.glob("*.whl")
    quiet = ("-q", "--disable-pip-version-check", "--no-index", "--no-deps", "--force-reinstall")
    return run(PYTHON, "-m", "pip", "install", *quiet, built)


def types() -> int:
    settings = ("--config-file", HERE / "pyproject.toml", "--cache-dir", WORK / "mypy")
    return run(PYTHON, "-m", "mypy", *settings, HERE / "python" / "gongdao")


def city() -> int:
    """A city with known truth, and the audit of it."""
    program = built(ROOT, "--bin", "gongdao")
    if program is None:
        return 1
    place, audit = WORK / "city", WORK / "audit"
    for folder in (place, audit):
        shutil.rmtree(folder, ignore_errors=True)
    quiet = {"cwd": ROOT, "stdout": subprocess.DEVNULL}
    status = run(program, "simulate", "--out", place, "--decisions", DECISIONS, "--seed", "11", **quiet)
    if status:
        return status
    # 1 is what it must say: some rule is violated, for violations were planted.
    said = run(program, "audit", place / "adapter.toml", "--out", audit, **quiet)
    return 0 if said == 1 else said or 1


def tests() -> int:
    environment = {
        **os.environ,
        "GONGDAO_CITY": str(WORK / "city"),
        "GONGDAO_AUDIT": str(WORK / "audit"),
        "PYSPARK_PYTHON": str(PYTHON),
        "PYSPARK_DRIVER_PYTHON": str(PYTHON),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return run(PYTHON, HERE / "tests" / "run.py", *sys.argv[1:], cwd=HERE / "tests", env=environment)


if __name__ == "__main__":
    sys.exit(main())
