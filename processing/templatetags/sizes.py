from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

register = template.Library()


@register.filter
def in_megabytes(size: int) -> str:
    """Bytes in decimal units, as the limits are given: "1.2 MB", "340 kB", "12 bytes"."""
    if size >= 999_500:
        return gettext("%(size)s MB") % {"size": number_format(f"{size / 1e6:.1f}")}
    if size >= 1000:
        return gettext("%(size)s kB") % {"size": f"{size / 1e3:.0f}"}
    return ngettext("%(size)s byte", "%(size)s bytes", size) % {"size": size}
