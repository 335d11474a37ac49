"""Gunicorn's configuration, whole: address, processes and threads are those of the settings.

Gunicorn reads this file by its path, from wherever it is started.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path

chdir = str(Path(__file__).resolve().parents[2])
if chdir not in sys.path:
    sys.path.insert(0, chdir)

from bgerase_site import logs, settings  # noqa: E402 - found only now
from bgerase_site.group.address import bracketed  # noqa: E402

PR_SET_PDEATHSIG = 1

bind = f"{bracketed(settings.HOST)}:{settings.PORT}"
workers = settings.WEB_PROCESSES
threads = settings.WEB_THREADS
worker_class = "bgerase_site.group.worker.PatientWorker"
# The kernel would send a file without a look at how slowly it is taken.
sendfile = False
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
logconfig_dict = logs.for_gunicorn()
# It would be a second door into the server, in the home folder of whoever started it.
control_socket_disable = True
proc_name = "bgerase-web"


def post_fork(server: object, worker: object) -> None:
    """A worker ends with its master at once, even while a request is under way."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def post_worker_init(worker: object) -> None:
    """With the program loaded: keys die on time as long as any process of the site lives."""
    from processing.retention import second_hand

    second_hand.start()
