"""The versions of an image as its owner sees them: one dictionary for the page and for JSON."""

from typing import Any

from django.urls import reverse

from processing.engine import PRESETS, Options
from processing.errors import sentence_of
from processing.flows.edit import SHOWN_BY
from processing.jobs.results import PICTURE, RESULT_KINDS, STROKES
from processing.models import Edit, Image, Job, JobState, Task, kind_at
from processing.views.present import LINKS
from processing.views.words import said

# A version's own files, by the names of their links.
FILES = {LINKS[file]: file for file in RESULT_KINDS}
BROUGHT = {"strokes": STROKES, "picture": PICTURE}
_OF_A_PRESET = ("canvas", "scale", "position")


def present_versions(image: Image) -> dict[str, Any]:
    edits = list(image.edits.order_by("number"))
    jobs = {job.output: job for job in image.jobs.filter(task=Task.EDIT)}
    stored = set(image.blobs.filter(stored=True).values_list("kind", flat=True))
    first = _present(image, None, None, stored)
    others = [_present(image, edit, jobs.get(f"v{edit.number}"), stored) for edit in edits]
    return {
        "id": str(image.pk),
        "url": reverse("image-edit", args=[image.pk]),
        "width": image.width,
        "height": image.height,
        "head": image.head,
        "version": image.version,
        "versions": [first, *others],
    }


def present_options(options: dict[str, Any]) -> dict[str, Any]:
    """As the form shows them: every option with its value, and the name of a preset for its own."""
    plain = Options.parse(options)
    shadow = plain.shadow
    background = next((name for name in options if name.startswith("bg_")), "")
    margins = {str(plain.crop.top)} if plain.crop else set()
    return {
        **{name: options.get(name, "") for name in SHOWN_BY},
        "preset": find_preset(options),
        "background": background,
        "crop": plain.crop is not None,
        "crop_margin": margins.pop().removesuffix("%") if margins else "5",
        "shadow": shadow.kind if shadow else "none",
        "shadow_opacity": shadow.opacity if shadow else 50,
        "shadow_blur": shadow.blur if shadow else 3,
        "shadow_distance": shadow.distance if shadow else 4,
        "shadow_angle": shadow.angle if shadow else 330,
        "despill": plain.despill,
    }


def find_preset(options: dict[str, Any]) -> str:
    """Presets are not stored: found again by what they say of size and place."""
    own = {name: options.get(name) for name in _OF_A_PRESET}
    for name, preset in PRESETS.items():
        plain = Options.parse(preset.options).to_dict()
        if own["canvas"] and own == {name: plain.get(name) for name in _OF_A_PRESET}:
            return name
    return ""


def _present(image: Image, edit: Edit | None, job: Job | None, stored: set[str]) -> dict[str, Any]:
    number = edit.number if edit else 0
    address = reverse("image-version", args=[image.pk, number])
    links = {name: f"{address}{file}" for name, file in FILES.items()}
    links = {name: links[name] for name, file in FILES.items() if kind_at(number, file) in stored}
    brought = {name: getattr(edit, name, 0) for name in BROUGHT}
    links |= {name: f"{address}{BROUGHT[name]}" for name, holder in brought.items() if holder}
    failed = job is not None and job.state == JobState.FAILED
    code = job.error_code if job is not None and failed else ""
    return {
        "number": number,
        "base": edit.base if edit else None,
        "state": job.state if job is not None else JobState.DONE.value,
        "error": {"code": code, "message": said(sentence_of(code))} if code else None,
        "options": edit.options if edit else {},
        "saved_at": edit.saved_at.isoformat() if edit else None,
        "links": {"self": address} | links,
    }
