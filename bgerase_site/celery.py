"""The Celery application. What a worker loads at its start is in `processing.workers`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bgerase_site.settings")
app = Celery("bgerase")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["processing"])
