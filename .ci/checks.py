"""Runs what must pass: `quick` (format, lint, types, imports), `everything`, or `prove`.

`prove` runs the promises' tests alone, in their long versions, on every set-up.

Every check runs, whatever failed before it; the exit code is 1 if any did. The last lines name
what failed and count the tests of all runs.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = ROOT / ".venv" / "bin"
NODE_PROGRAMS = ROOT / "node_modules" / ".bin"
PYTEST = (PROGRAMS / "python", "-m", "pytest")
REAL_SERVERS = (PROGRAMS / "python", "-m", "tests.servers", "--postgres", "--redis", "--")
EVERY_SERVER = (*REAL_SERVERS[:-1], "--s3", "--")
# Two processes for two cores; a file's tests stay together, with what they share.
PARALLEL = ("-n", "2", "--dist", "loadfile")

# The closing lines of pytest ("=== 3 passed, 1 failed in 2 s ===") and of node ("# pass 3").
CLOSING = re.compile(r"^=+ .*\d+ (?:passed|failed|error).* =+$|^[#ℹ] (?:pass|fail|skipped) \d+$")
COUNTS = {
    "passed": re.compile(r"(\d+) passed|pass (\d+)"),
    "failed": re.compile(r"(\d+) (?:failed|errors?)|fail (\d+)"),
    "skipped": re.compile(r"(\d+) skipped|skipped (\d+)"),
}


@dataclass(frozen=True)
class Check:
    name: str
    argv: tuple[str | Path, ...]
    env: Mapping[str, str] = field(default_factory=dict)


def quick() -> Iterator[Check]:
    yield Check("Format of Python", (PROGRAMS / "ruff", "format", "--check", "."))
    yield Check("Lint of Python", (PROGRAMS / "ruff", "check", "."))
    yield Check("Types", (PROGRAMS / "mypy",))
    yield Check("Import contracts", (PROGRAMS / "lint-imports",))
    scripts = ("static/js", "tests/js", "eslint.config.js")
    yield Check(
        "Format of scripts and styles",
        (NODE_PROGRAMS / "prettier", "--check", "static/css", *scripts),
    )
    yield Check("Lint of scripts", (NODE_PROGRAMS / "eslint", "--max-warnings=0", *scripts))


def tests(scratch: Path) -> Iterator[Check]:
    scripts = sorted(str(path) for path in ROOT.glob("tests/js/**/*.test.js"))
    yield Check("Scripts", ("node", "--test", "--test-reporter=spec", *scripts))
    manage = (PROGRAMS / "python", ROOT / "manage.py")
    settings = {"BGERASE_DATA_DIR": str(scratch / "data"), "BGERASE_MODEL": "synthetic"}
    yield Check(
        "Migrations say what the models say", (*manage, "makemigrations", "--check"), settings
    )
    deploy = (*manage, "check", "--deploy", "--fail-level", "WARNING")
    yield Check("Settings of a production site", deploy, {**settings, **production()})
    yield Check("SQLite and the embedded broker", (*PYTEST, *PARALLEL, "-m", "not browser"))
    on_servers = (*REAL_SERVERS, *PYTEST, *PARALLEL, "-m", "database and not browser")
    yield Check("PostgreSQL and Redis", on_servers)
    yield Check("In the browser", (*PYTEST, "-m", "browser"))


def proofs() -> Iterator[Check]:
    promises = (*PYTEST, "-s", "-m", "not browser", "tests/promises")
    long = {"PROVE_PROMISES": "1"}
    yield Check("Promises on SQLite, a folder and the embedded broker", promises, long)
    yield Check("Promises on PostgreSQL, Redis and S3", (*EVERY_SERVER, *promises), long)


def production() -> dict[str, str]:
    """What a production site has to say, with values that open nothing."""
    return {
        "BGERASE_PRODUCTION": "1",
        "BGERASE_SECRET_KEY": os.urandom(50).hex(),
        "BGERASE_MASTER_KEY": os.urandom(32).hex(),
        "BGERASE_RECEIPT_KEY": os.urandom(32).hex(),
        "BGERASE_ALLOWED_HOSTS": "photos.example",
        "BGERASE_SITE_URL": "https://photos.example",
        "BGERASE_TRUSTED_PROXIES": "1",
        "BGERASE_EMAIL_URL": "smtp+plain://localhost:25",
        "BGERASE_BROKER_URL": "redis://localhost/0",
        "BGERASE_DATABASE_URL": "postgres://localhost/bgerase",
    }


def run(check: Check) -> tuple[bool, list[str]]:
    """Shows the output as it comes; returns whether the check passed, and the closing lines."""
    print(f"\n=== {check.name}", flush=True)
    started = time.monotonic()
    # Settings of whoever starts the checks are not the checks' business.
    neutral = {name: value for name, value in os.environ.items() if "BGERASE_" not in name}
    process = subprocess.Popen(
        [str(word) for word in check.argv],
        cwd=ROOT,
        env={**neutral, **check.env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    closing: list[str] = []
    assert process.stdout is not None
    for line in process.stdout:
        print(line, end="", flush=True)
        if CLOSING.match(line.rstrip()):
            closing.append(line)
    passed = process.wait() == 0
    word = "passed" if passed else "FAILED"
    print(f"--- {check.name}: {word} after {time.monotonic() - started:.0f} s", flush=True)
    return passed, closing


def count(closing: Iterable[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for line in closing:
        for word, pattern in COUNTS.items():
            found[word] += sum(int(one or other) for one, other in pattern.findall(line))
    return found


def chosen(which: str, scratch: Path) -> Iterator[Check]:
    if which == "prove":
        yield from proofs()
        return
    yield from quick()
    if which == "everything":
        yield from tests(scratch)


def main(which: str) -> int:
    started = time.monotonic()
    failed: list[str] = []
    totals: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="bgerase-checks-") as scratch:
        for check in chosen(which, Path(scratch)):
            passed, closing = run(check)
            totals += count(closing)
            if not passed:
                failed.append(check.name)
    print(f"\nTotal time: {time.monotonic() - started:.0f} s")
    if failed:
        print(f"FAILED: {', '.join(failed)}")
    if which != "quick":
        # A run that broke off counts, even if it came to no test that failed.
        broken = max(totals["failed"], len(failed))
        skipped = f", {totals['skipped']} skipped" if totals["skipped"] else ""
        print(f"{totals['passed']} passed, {broken} failed{skipped}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
