"""One running part: started so that it cannot outlive its supervisor, ended with all it started."""

import contextlib
import ctypes
import os
import resource
import signal
import subprocess

from bgerase_site.group.parts import Part
from bgerase_site.group.printer import Lines
from bgerase_site.group.watch import Watch

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)
_CHUNK = 65536


class Process:
    """A session of its own: Ctrl-C reaches only the supervisor, and a signal reaches all of it."""

    def __init__(self, part: Part, watch: Watch) -> None:
        supervisor = os.getpid()
        watch.ready()

        def prepare() -> None:
            # Runs in the child. The kernel ends the part with the supervisor, however that dies.
            _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != supervisor:
                os._exit(1)
            watch.add_this_process()
            # A core dump would be a photo in the clear.
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

        self._popen = subprocess.Popen(  # noqa: S603 - the parts are ours
            part.argv,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=prepare,  # noqa: PLW1509 - the supervisor has no second thread
        )
        self._watch = watch
        watch.added(self._popen.pid)
        assert self._popen.stdout is not None
        self.output = self._popen.stdout
        os.set_blocking(self.output.fileno(), False)
        self._lines = Lines()

    def read(self) -> list[str] | None:
        """The lines that have come; None when the output has ended."""
        try:
            data = os.read(self.output.fileno(), _CHUNK)
        except BlockingIOError:
            return []
        return self._lines.feed(data) if data else None

    def read_rest(self) -> list[str]:
        """What an ended part still had to say. Its output is closed after this."""
        lines: list[str] = []
        with self.output, contextlib.suppress(BlockingIOError):
            while data := os.read(self.output.fileno(), _CHUNK):
                lines += self._lines.feed(data)
        return lines + self._lines.end()

    def ended(self) -> str | None:
        """How it ended, in words, or None while it runs. Whatever it started is gone with it."""
        if self._popen.returncode is None:
            # The process is looked at before it is reaped: until then nobody else has its number.
            look = os.WEXITED | os.WNOHANG | os.WNOWAIT
            if os.waitid(os.P_PID, self._popen.pid, look) is None:
                return None
            self._finish()
        return how_it_ended(self._popen.returncode)

    def ask_to_end(self) -> None:
        """Only the part's first process is asked: it knows in which order its children stop."""
        if self._popen.returncode is None:
            self._popen.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        if self._popen.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._popen.pid, signal.SIGKILL)

    def discard(self) -> None:
        """Ends it without a word; for when there is nobody left to tell."""
        if self._popen.returncode is None:
            self._finish()
        self.output.close()

    def _finish(self) -> None:
        self.kill()
        self._popen.wait()
        self._watch.remove(self._popen.pid)


def how_it_ended(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    if -code == signal.SIGKILL:
        return "SIGKILL: killed by hand, or by the system for want of memory"
    with contextlib.suppress(ValueError):
        return signal.Signals(-code).name
    return f"signal {-code}"
