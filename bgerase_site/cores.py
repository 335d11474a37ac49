"""A process that crashes leaves no picture of its memory: it would be a photo in the clear.

Both of these outlive fork and exec, so that whatever a part starts has them too.
"""

import resource
from contextlib import suppress
from pathlib import Path


def forbid_core_dumps() -> None:
    """For this process and all that it starts, whoever started it and under which limits."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The kernel pays no heed to the limit where it pipes dumps to a program (core(5)): what such a
    # program gets has no memory in it.
    with suppress(OSError):  # Not Linux, or a /proc that nobody can write to.
        Path("/proc/self/coredump_filter").write_text("0")
