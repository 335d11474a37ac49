"""Gunicorn's configuration. Address, processes and threads come from the settings, as arguments.

Gunicorn reads this file by its path, so its master process loads neither Django nor Celery.
"""

import ctypes
import os
import signal
from pathlib import Path

PR_SET_PDEATHSIG = 1

worker_class = "gthread"
# A slow upload is served by a thread that the worker's heart does not wait for; a worker whose
# heart stopped is stuck.
timeout = 60
graceful_timeout = 8
keepalive = 15
# The heart beats by touching a file: on a disk under load that alone may stall a worker.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
# Request lines hold ids and searches, and addresses of people: neither belongs into a log.
accesslog = None
errorlog = "-"
loglevel = "warning"
# It would be a second door into the server, in the home folder of whoever started it.
control_socket_disable = True
proc_name = "bgerase-web"
chdir = str(Path(__file__).resolve().parent.parent.parent)


def post_fork(server: object, worker: object) -> None:
    """A worker ends with its master at once, even while a request is under way."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
