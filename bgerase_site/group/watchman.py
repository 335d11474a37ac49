"""Ends what a killed supervisor leaves behind. A program of its own that knows only its input.

The kernel ends each part's first process with the supervisor (PR_SET_PDEATHSIG), but not the
children of that one. So this second process reads the numbers of the process groups that come
(`+1234`) and go (`-1234`), and ends those that are left when the supervisor's end of the pipe
closes, for whatever reason.
"""

import contextlib
import os
import signal
import sys


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        change = groups.add if line.startswith("+") else groups.discard
        change(int(line[1:]))
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
