from typing import Any

from django import template

from processing.access import receipts_of

register = template.Library()


@register.simple_tag
def count_receipts(user: Any) -> int:
    """How many receipts there are of what was erased from a user's workspaces."""
    return receipts_of(user).count()
