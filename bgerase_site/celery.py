"""The Celery application. What a worker loads at its start is in `processing.workers`."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

from bgerase_site import folder

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bgerase_site.settings")
folder.install()
app = Celery("bgerase")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["processing"])


@setup_logging.connect
def keep_our_logging(**kwargs: Any) -> None:
    """With a receiver here Celery leaves logging as the settings have it."""
