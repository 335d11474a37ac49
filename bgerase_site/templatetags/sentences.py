from django import template
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_block_tag
def part(content: SafeString) -> SafeString:
    """A piece of markup with conditions in it, set aside under a name: blocktranslate takes names
    alone, and a sentence with such a piece in its midst has to be translated as one."""
    return content
