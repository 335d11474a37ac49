"""Which models there are to cut photos out with: what the studio offers, what may be asked for."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from processing import tasks
from processing.engine import Purpose, purpose_of
from processing.errors import ModelNotOffered
from processing.jobs.results import discard_generation, hide_generation
from processing.jobs.serving import served_anywhere, served_by
from processing.models import Image, Job, JobState, Life, Task, WorkerBeat, database_now

WORDS: dict[Purpose, tuple[object, object]] = {  # Lazy: said in the language of whoever asks.
    "fast": (_("Fast"), _("There in a moment, and right for most photos.")),
    "detailed": (_("Detailed"), _("Looks closer, and takes longer.")),
    "people": (_("People"), _("For portraits and groups of people.")),
    "anime": (_("Anime"), _("For drawn figures.")),
}


@dataclass(frozen=True)
class Choice:
    """`value` is what the field sends: the site's own model is nothing asked for."""

    value: str
    title: str
    sentence: str


def choices(workers: Iterable[WorkerBeat]) -> list[Choice]:
    """What the studio offers: models that live workers serve; nothing where there is but one."""
    served = served_by(workers)
    names = [name for name in _known(served) if _asked(name) in served]
    if len(names) < 2:
        return []
    purposes = Counter(purpose_of(name) for name in names)
    return [_choice(name, alone=purposes[purpose_of(name)] == 1) for name in names]


def read_model(text: str) -> str:
    """What a job asks for: "" for the site's own model, or the name of another one.

    A model that this site is set up to serve may be asked for while no worker is up. Raises
    ModelNotOffered.
    """
    if not text or text == settings.MODEL:
        return ""
    if text in settings.MODELS or text in served_anywhere(database_now()):
        return text
    raise ModelNotOffered.but(_known(served_anywhere(database_now())))


def ask_for(image: Image, asked: str) -> None:
    """A form's field, which its photos can come before: a job that began with another model starts
    over, and whoever works on it finds that out before anything more is stored."""
    with transaction.atomic():
        Image.objects.select_for_update(no_key=True).filter(pk=image.pk).first()
        jobs = Job.objects.select_related("image").filter(image=image, task=Task.CUT_OUT)
        job = jobs.filter(image__life=Life.LIVE).exclude(model_asked=asked).first()
        if job is None:
            return
        began = job.state != JobState.QUEUED
        job.model_asked, job.state = asked, JobState.QUEUED
        job.lease_until = job.finished_at = None
        job.error_code = ""
        job.save()
        if began:
            hide_generation(job, job.attempts)
        transaction.on_commit(lambda: tasks.ring(asked))
    if began:
        discard_generation(job, job.attempts)


def _known(served: set[str]) -> list[str]:
    """In the operator's order, the site's own one among them; then what other machines serve."""
    own = [] if settings.MODEL in settings.MODELS else [settings.MODEL]
    ours = [*own, *settings.MODELS]
    return ours + sorted(served - {"", *ours})


def _asked(name: str) -> str:
    return "" if name == settings.MODEL else name


def _choice(name: str, *, alone: bool) -> Choice:
    title, sentence = (str(words) for words in WORDS[purpose_of(name)])
    return Choice(_asked(name), title if alone else f"{title} ({name})", sentence)
