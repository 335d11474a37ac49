"""Who sends photos with a request, and what they have chosen for them."""

from collections.abc import Mapping

from django.http import HttpRequest

from accounts.audit import Actor
from accounts.models import User
from processing.access import home_of
from processing.errors import BadEraseAfter, ModelNotOffered
from processing.flows.choose_model import read_model
from processing.flows.shorten import life_in_force, read_choice
from processing.flows.submit import Sender, read_batch
from processing.models import database_now

ERASE_AFTER, MODEL, BATCH = "erase_after", "model", "batch"
WRONG_CHOICES = (BadEraseAfter, ModelNotOffered)


def sender_of(request: HttpRequest, chosen: Mapping[str, str]) -> Sender:
    """From this moment on. Raises one of WRONG_CHOICES."""
    assert isinstance(request.user, User)
    key = request.headers.get("Idempotency-Key") or request.GET.get("request", "")
    workspace = home_of(request.user)
    shorter = read_choice(chosen.get(ERASE_AFTER, ""), life_in_force(workspace))
    model = read_model(chosen.get(MODEL, ""))
    batch, by = read_batch(chosen.get(BATCH, "")), Actor.of(request)
    return Sender(request.user, workspace, key, database_now(), shorter, model, batch, by=by)
