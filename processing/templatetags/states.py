"""What rows say of their state, as pages for staff call it."""

from django import template
from django.utils.translation import gettext_lazy as _

register = template.Library()

STATES = {
    "receiving": _("receiving"),
    "live": _("live"),
    "erasing": _("erasing"),
    "queued": _("queued"),
    "running": _("running"),
    "done": _("done"),
    "failed": _("failed"),
}


@register.filter
def name_state(state: str) -> str:
    return str(STATES.get(state, state))
