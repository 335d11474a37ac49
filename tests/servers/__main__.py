"""`python -m tests.servers --postgres --redis -- pytest …`: runs a command against real servers.

The command finds them through BGERASE_DATABASE_URL, BGERASE_BROKER_URL and BGERASE_STORAGE_URL;
its exit code is ours.
"""

import argparse
import contextlib
import os
import subprocess
import sys

from tests.servers import postgres, redis, seaweed


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.servers", description=__doc__)
    parser.add_argument("--postgres", action="store_true", help="the database is PostgreSQL")
    parser.add_argument("--redis", action="store_true", help="the broker is Redis")
    parser.add_argument("--s3", action="store_true", help="the storage is an S3 bucket")
    parser.add_argument("command", nargs="+")
    wanted = parser.parse_args(words)
    environment = dict(os.environ)
    with contextlib.ExitStack() as servers:
        if wanted.postgres:
            environment["BGERASE_DATABASE_URL"] = servers.enter_context(postgres())
        if wanted.redis:
            environment["BGERASE_BROKER_URL"] = servers.enter_context(redis())
        if wanted.s3:
            store = servers.enter_context(seaweed())
            environment["BGERASE_STORAGE_URL"] = store.storage_url("bgerase-tests")
        return subprocess.run(wanted.command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
