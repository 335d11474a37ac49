"""What the pages of links need beside Django's own filters."""

from collections.abc import Mapping

from django import template

from accounts.activity import SIGNS
from accounts.models import Action, AuditEntry

register = template.Library()


@register.filter
def at(words: Mapping[str, str], key: str) -> str:
    return words[key]


@register.filter
def sign(entry: AuditEntry) -> str:
    """The name of the icon of an act."""
    return SIGNS[Action(entry.action)]
