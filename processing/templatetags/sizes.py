from django import template

register = template.Library()


@register.filter
def in_megabytes(size: int) -> str:
    """Bytes in decimal units, as the limits are given: "1.2 MB", "340 kB", "12 bytes"."""
    if size >= 999_500:
        return f"{size / 1e6:.1f} MB"
    if size >= 1000:
        return f"{size / 1e3:.0f} kB"
    return f"{size} byte{'' if size == 1 else 's'}"
