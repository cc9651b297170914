#!/usr/bin/env python3
"""Hold the service against its own OpenAPI document with programs that nobody here wrote: schemathesis sends what the document
allows and what it forbids, as somebody with every right and as somebody with none; a generated client makes a check.

    python3 crates/web/test.py

Without a package index it is skipped by name; with `CI` set that is a failure.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "xtask" / "python"))

from environment import absent, built, libraries, run  # noqa: E402

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = ROOT / "target" / "web"
BIN = WORK / "venv" / "bin"
REQUIREMENTS = HERE / "tests" / "requirements.txt"
PASSWORD = "correct horse battery"
# What a run must find nothing in. Left out: `positive_data_acceptance`, as what is well formed can still be refused, like an
# instant outside the years that count, or a name that is taken; `missing_required_header`, which does not know that a
# missing `If-Match` is answered by 428 (RFC 6585).
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,negative_data_rejection,unsupported_method,ignored_auth,use_after_free"
)

# No formatter runs over what is generated, and the generator is told how to carry media types that it does not know.
CLIENT = {
    "post_hooks": [],
    "content_type_overrides": {
        "application/atom+xml": "application/octet-stream",
        "application/openmetrics-text": "application/octet-stream",
        "application/vnd.apache.arrow.stream": "application/octet-stream",
        "application/vnd.apache.parquet": "application/octet-stream",
        "application/x-ndjson": "application/octet-stream",
        "text/csv": "application/octet-stream",
        "text/plain": "application/octet-stream",
    },
}


def main() -> int:
    if sys.version_info < (3, 11):
        return absent("the tests of the API need Python 3.11 or later")
    WORK.mkdir(parents=True, exist_ok=True)
    if not libraries(WORK, REQUIREMENTS):
        return absent("the tests of the API need the libraries of crates/web/tests/requirements.txt from a package index")
    program = built(ROOT, "--example", "served")
    if program is None:
        return 1
    with Service(program) as service:
        steps = [
            ("client", client),
            ("schemathesis as staff", as_staff),
            ("schemathesis as a machine", as_machine),
            ("schemathesis as a stranger", as_stranger),
        ]
        for name, step in steps:
            started = time.monotonic()
            status = step(service)
            print(f"== {name}: {time.monotonic() - started:.0f} s", flush=True)
            if status:
                return status
    return 0


class Service:
    """A fresh service at a port of this machine, with an account that has every right and one that has none."""

    def __init__(self, program: Path) -> None:
        self.program = program

    def __enter__(self) -> Service:
        data = WORK / "data"
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir()
        self.process = subprocess.Popen(
            [str(self.program), str(data), "127.0.0.1:0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().split()[1]
        token = self.process.stdout.readline().split()[1]
        self.send("/v1/setup", {"token": token, "name": "root", "password": PASSWORD})
        root = self.log_in("root")
        roles = ["officer", "engineer", "reviewer", "regulator", "administrator"]
        self.send("/v1/accounts", {"name": "every", "roles": roles, "password": PASSWORD}, root)
        self.send("/v1/accounts", {"name": "none", "roles": ["person"], "persons": ["p-0"], "password": PASSWORD}, root)
        self.machine = self.send("/v1/keys", {"name": "machine", "roles": ["machine"]}, root)["secret"]
        self.every, self.none = self.log_in("every"), self.log_in("none")
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=60)

    def log_in(self, name: str) -> str:
        return self.send("/v1/sessions", {"name": name, "password": PASSWORD})["token"]

    def send(self, path: str, body: object, bearer: str | None = None) -> dict[str, str]:
        headers = {"content-type": "application/json"}
        if bearer:
            headers["authorization"] = f"Bearer {bearer}"
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)


def client(service: Service) -> int:
    """A client that is generated from the document makes a check and reads it back."""
    document, package = WORK / "openapi.json", WORK / "client"
    document.write_bytes(urllib.request.urlopen(f"{service.url}/openapi.json", timeout=30).read())
    shutil.rmtree(package, ignore_errors=True)
    config = WORK / "client.json"
    config.write_text(json.dumps(CLIENT))
    made = run(
        BIN / "openapi-python-client", "generate", "--path", document, "--output-path", package, "--config", config,
        "--meta", "none", "--fail-on-warning",
    )
    if made:
        return made
    environment = {**os.environ, "PYTHONPATH": str(WORK), "GONGDAO_URL": service.url, "GONGDAO_KEY": service.machine}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    return run(BIN / "python", HERE / "tests" / "generated_client.py", env=environment)


def schemathesis(service: Service, bearer: str, seconds: int, *options: str) -> int:
    return run(
        BIN / "schemathesis", "run", f"{service.url}/openapi.json", "--header", f"Authorization: Bearer {bearer}",
        "--checks", CHECKS, "--seed", "1", "--max-time", str(seconds), "--max-examples", "20", "--workers", "1",
        "--warnings", "off", "--generation-database", "none",
        # The account in use must keep its password and its session.
        "--exclude-operation-id", "change_password", "--exclude-operation-id", "log_out", *options, cwd=WORK,
    )  # fmt: skip


def as_staff(service: Service) -> int:
    """Every role that an account can have."""
    return schemathesis(service, service.every, 50)


def as_machine(service: Service) -> int:
    return schemathesis(service, service.machine, 30, "--include-tag", "decisions", "--include-tag", "state")


def as_stranger(service: Service) -> int:
    """A person who may see their own records and nothing else."""
    return schemathesis(service, service.none, 30)


if __name__ == "__main__":
    sys.exit(main())
