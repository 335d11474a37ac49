"""Jobs, and the workers that run them. The database is the truth; a message only says "look"."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from processing.models.image import Image


class JobState(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Task(models.TextChoices):
    CUT_OUT = "cut_out"  # The model's work: mask, preview and the full PNG. One for each image.
    RENDER = "render"  # One more file from original and mask, because somebody asked for it.
    EDIT = "edit"  # Mask, preview and PNG of another version: the model's mask with strokes on it.


def the_sites_own() -> list[str]:
    """What a worker serves when it serves no model that is asked for by name."""
    return [""]


class Job(models.Model):
    """One run of the engine for an image: claimed with a lease, at most three times.

    A rendering has one row for as long as its image lives, which says what it is, in the words of
    the program's own lists (`options`), and the kind of its blob (`output`). So has a version: its
    `output` is what the kinds of its blobs begin with.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    image = models.ForeignKey(Image, models.PROTECT, related_name="jobs")
    task = models.CharField(max_length=7, choices=Task.choices, default=Task.CUT_OUT)
    options = models.JSONField(default=dict)
    output = models.CharField(max_length=24, blank=True, default="")
    state = models.CharField(max_length=7, choices=JobState.choices, default=JobState.QUEUED)
    attempts = models.IntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=32, blank=True, default="")
    model_asked = models.CharField(max_length=64, blank=True, default="")  # "": the site's own.
    model = models.CharField(max_length=64, blank=True, default="")
    model_version = models.CharField(max_length=64, blank=True, default="")
    little_found = models.BooleanField(default=False, db_default=False)  # Done, but nearly empty.
    timings = models.JSONField(default=dict)
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["-task", "queued_at"],
                condition=Q(state=JobState.QUEUED),
                name="job_waiting",
            ),
            models.Index(
                fields=["lease_until"], condition=Q(state=JobState.RUNNING), name="job_leased"
            ),
            # Few among millions: a sweep asks for those of each image that it condemns.
            models.Index(
                fields=["image"],
                condition=Q(state__in=[JobState.QUEUED, JobState.RUNNING]) | Q(attempts__gt=1),
                name="job_that_may_write",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["image", "output"],
                condition=Q(task=Task.RENDER),
                name="one_job_per_rendering",
            ),
            models.UniqueConstraint(
                fields=["image", "output"],
                condition=Q(task=Task.EDIT),
                name="one_job_per_version",
            ),
        ]

    def __str__(self) -> str:
        return f"job {self.id}"


class WorkerBeat(models.Model):
    """A worker that has said, a few seconds ago, that it is there and what it runs."""

    name = models.CharField(max_length=128, primary_key=True)
    seen_at = models.DateTimeField()
    model = models.CharField(max_length=64)
    model_version = models.CharField(max_length=64)
    provider = models.CharField(max_length=64)
    serves = models.JSONField(default=the_sites_own)  # Values of Job.model_asked.
    load = models.JSONField(default=dict)  # Of the last minute: see processing.jobs.load.

    def __str__(self) -> str:
        return self.name
