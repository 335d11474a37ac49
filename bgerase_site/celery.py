"""The Celery application. What a worker process loads before its first job is in `processing.jobs`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bgerase_site.settings")
app = Celery("bgerase")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["processing"])
