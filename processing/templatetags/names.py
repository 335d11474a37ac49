"""Names of files on a page."""

import re

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
_SEPARATORS = re.compile(r"[-_.]+(?=[^-_.])")


@register.filter
def breakable(name: str) -> SafeString:
    """A line may end behind what parts its words: otherwise it would end within one of them."""
    return mark_safe(_SEPARATORS.sub(r"\g<0><wbr>", escape(name)))  # noqa: S308  Escaped.
