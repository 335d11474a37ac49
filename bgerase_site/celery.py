"""The Celery application. What a worker loads at its start is in `processing.workers`."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_init

from bgerase_site import folder

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bgerase_site.settings")
folder.install()
app = Celery("bgerase")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["processing"])


@setup_logging.connect
def keep_our_logging(**kwargs: Any) -> None:
    """With a receiver here Celery leaves logging as the settings have it."""


@worker_init.connect
def require_sound_settings(**kwargs: Any) -> None:
    """Celery only logs what a receiver raises, and starts: this has to end the process."""
    import django
    from django.core.exceptions import ImproperlyConfigured

    from bgerase_site.group.soundness import require_soundness
    from processing import scratch

    django.setup()
    scratch.use_own_folder()
    try:
        require_soundness()
    except ImproperlyConfigured as error:
        raise SystemExit(1) from error
