"""An image as its owner sees it: one dictionary for pages and for JSON."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from processing.engine import fits
from processing.errors import sentence_of
from processing.models import Blob, Image, ImageQuerySet, Job, JobState, Task, kind_at
from processing.storage import KeyGone, SealBroken
from processing.views.words import said

LINKS = {
    "original": "original",
    "preview.webp": "preview",
    "thumbnail.webp": "thumbnail",
    "cutout.png": "cutout_png",
    "cutout.webp": "cutout_webp",
    "cutout.jpg": "cutout_jpg",
    "mask.png": "mask",
}
ON_DEMAND = ("cutout.webp", "cutout.jpg")  # Made when somebody asks for them.
# What the page of an image offers; the address takes all that the engine knows.
CHOICES: dict[str, dict[str, Any]] = {
    "format": {
        "png": "PNG",
        "webp": "WebP",
        "avif": "AVIF",
        "jpg": "JPEG",
        "zip": "ZIP",
    },
    "size": {
        "full": _("Full"),
        "hd": "4 MP",
        "medium": _("1.5 MP"),
        "preview": _("0.25 MP"),
    },
}
FOR_PAGES = {"received_time", "purge_time", "opted_in_time", "making"}
_FILES = {name: file for file, name in LINKS.items()}
_CUTTING_OUT = Job.objects.filter(task=Task.CUT_OUT)  # Its state is the image's.


def with_parts(images: ImageQuerySet) -> ImageQuerySet:
    """The images with what `present` needs, in two more queries, however many they are."""
    return images.select_related("consent").prefetch_related(
        Prefetch("jobs", _CUTTING_OUT.order_by("-queued_at"), to_attr="latest_jobs"),
        Prefetch("blobs", Blob.objects.filter(stored=True), to_attr="stored_blobs"),
    )


def present_all(images: Iterable[Image]) -> list[dict[str, Any]]:
    return [present(image) for image in images]


def present(image: Image) -> dict[str, Any]:
    """Takes an image from `with_parts`."""
    job: Job | None = next(iter(image.latest_jobs), None)  # type: ignore[attr-defined]
    state = JobState(job.state) if job else JobState.QUEUED
    address = reverse("image", args=[image.pk])
    sizes = _sizes(image)
    links = [*sizes, *(name for name in _makeable(image, state) if name not in sizes)]
    return {
        "id": str(image.pk),
        "url": address,
        "name": _name(image),
        "state": state.value,
        "error": _error(job),
        "little_found": _shows_little(image, job),
        "version": image.version,
        "width": image.width,
        "height": image.height,
        "received_at": _iso(image.received_at),
        "purge_at": _iso(image.purge_at),
        "kept": image.kept,
        "opted_in_at": _iso(image.consent.at) if image.kept and image.consent else None,
        "erase_after_download": image.erase_after_download,
        "batch": str(image.batch) if image.batch else None,
        "making": image.head if image.head != image.version else None,
        "received_time": image.received_at,
        "purge_time": image.purge_at,
        "opted_in_time": image.consent.at if image.kept and image.consent else None,
        "model": job.model if job else "",
        "model_version": job.model_version if job else "",
        "timings": job.timings if job else {},
        "links": {"self": address} | {name: f"{address}{_FILES[name]}" for name in links},
        "sizes": sizes,
    }


def as_json(card: dict[str, Any]) -> dict[str, Any]:
    """Without what only a page needs."""
    return {key: value for key, value in card.items() if key not in FOR_PAGES}


def _sizes(image: Image) -> dict[str, int]:
    """Bytes of what can be fetched, by the name of its link."""
    stored = {blob.kind: blob.size for blob in image.stored_blobs}  # type: ignore[attr-defined]
    kinds = {name: kind_at(image.version, file) for file, name in LINKS.items()}
    kinds["original"] = "original"
    return {name: stored[kind] for name, kind in kinds.items() if kind in stored}


def _makeable(image: Image, state: JobState) -> list[str]:
    """What can be fetched although it is not stored: it is made meanwhile."""
    if state != JobState.DONE:
        return []
    width, height = image.width or 0, image.height or 0
    return [LINKS[file] for file in ON_DEMAND if fits(file, width, height)]


def _name(image: Image) -> str:
    try:
        return image.open_name()
    except (KeyGone, SealBroken):
        return ""  # Its epoch ended this moment.


def _error(job: Job | None) -> dict[str, str] | None:
    if job is None or job.state != JobState.FAILED:
        return None
    return {"code": job.error_code, "message": said(sentence_of(job.error_code))}


def _shows_little(image: Image, job: Job | None) -> bool:
    """A later version is somebody's own work: what the model missed is no news any more."""
    return job is not None and job.little_found and image.version == 0


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
