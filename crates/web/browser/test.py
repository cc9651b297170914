#!/usr/bin/env python3
"""The pages in a real browser, against the rules of accessibility: `walk.mjs` says what is looked at, `ways.mjs` in which ways,
`receipts.mjs` what is checked.

    python3 crates/web/browser/test.py [FOLDER]

With FOLDER it puts pictures there. `GONGDAO_PARTS=ways,receipts` looks at some parts alone, and says so. Without node, npm, a
registry or a browser (Chromium, or what `GONGDAO_CHROMIUM` names) it is skipped by name; with `CI` set that is a failure.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
sys.path.insert(0, str(ROOT / "xtask" / "python"))

from environment import absent, built, run  # noqa: E402

WORK = ROOT / "target" / "browser"
PAGES = ROOT / "templates" / "pages"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def browser() -> str | None:
    named = os.environ.get("GONGDAO_CHROMIUM")
    return named or next((found for name in NAMES if (found := shutil.which(name))), None)


def modules() -> bool:
    """The pinned modules, installed once."""
    wanted = (HERE / "package.json").read_text()
    there = WORK / "package.json"
    if there.exists() and there.read_text() == wanted and (WORK / "node_modules").exists():
        return True
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    npm = shutil.which("npm")
    if npm is None:
        return False
    fresh = WORK / "fresh"
    fresh.mkdir()
    (fresh / "package.json").write_text(wanted)
    quiet = ("--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts")
    if run(npm, "install", *quiet, cwd=fresh, stdout=subprocess.DEVNULL):
        return False
    (fresh / "node_modules").rename(WORK / "node_modules")
    there.write_text(wanted)
    return True


def main() -> int:
    program = browser()
    if program is None:
        return absent("no browser")
    if shutil.which("node") is None or not modules():
        return absent("the tests of the pages need node, and the modules of crates/web/browser/package.json from npm")
    served, gongdao = built(ROOT, "--example", "served"), built(ROOT, "--bin", "gongdao")
    if served is None or gongdao is None:
        return 1
    data = WORK / "data"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir()
    # The modules are found from where the script lies.
    for script in HERE.glob("*.mjs"):
        shutil.copy(script, WORK / script.name)
    # Of each template that is a page the walk has to know where it stands.
    pages = [page.name for page in sorted(PAGES.glob("*.html")) if '{% extends "base.html" %}' in page.read_text()]
    (WORK / "templates.json").write_text(json.dumps(pages))
    process = subprocess.Popen(
        [str(served), str(data), "127.0.0.1:0", str(gongdao)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        url = process.stdout.readline().split()[1]
        token = process.stdout.readline().split()[1]
        return run("node", WORK / "walk.mjs", url, token, program, *sys.argv[1:2])
    finally:
        process.stdin.close()
        process.wait(timeout=60)


if __name__ == "__main__":
    sys.exit(main())
