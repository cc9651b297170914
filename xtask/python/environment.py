"""Environments with pinned libraries below `target/`, for the checks that are written in Python."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path


def absent(what: str) -> int:
    """Says what is lacking; a failure on a build server."""
    print(f"skipped: {what}", flush=True)
    return 1 if os.environ.get("CI") else 0


def run(*command: object, **settings: object) -> int:
    return subprocess.run([str(part) for part in command], **settings).returncode  # type: ignore[call-overload]


def built(root: Path, kind: str, name: str) -> Path | None:
    """A program (`--bin`) or example (`--example`) of the workspace. `GONGDAO_BUILT` names the folder where the tests' build
    left them; without it cargo builds, with the features of the whole workspace, so that what the tests built is used again."""
    folder = os.environ.get("GONGDAO_BUILT")
    if not folder:
        if run("cargo", "build", "--locked", "--quiet", "--workspace", kind, name, cwd=root):
            return None
        folder = Path(os.environ.get("CARGO_TARGET_DIR", root / "target")) / "debug"
    return Path(folder) / "examples" / name if kind == "--example" else Path(folder) / name


def libraries(work: Path, requirements: Path) -> bool:
    """The environment `venv` in a folder, with the pinned libraries, made anew when they change. False: they cannot be had."""
    wanted = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    stamp = work / "venv" / "requirements.sha256"
    if stamp.exists() and stamp.read_text() == wanted:
        return True
    venv.create(work / "venv", with_pip=True, clear=True)
    quiet = ("-q", "--disable-pip-version-check")
    if run(work / "venv" / "bin" / "python", "-m", "pip", "install", *quiet, "-r", requirements):
        return False
    stamp.write_text(wanted)
    return True
