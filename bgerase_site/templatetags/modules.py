from django import template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from bgerase_site.modules import needed

register = template.Library()


@register.simple_tag
def module(name: str, soon: str = "") -> SafeString:
    """A page's script, with the modules that it imports fetched beside it instead of one by one.

    `soon`: a module that it asks for by `import()` once it runs; that and its imports come last.
    """
    script, *imported = needed(name)
    imported += [one for one in (needed(soon) if soon else ()) if one not in (script, *imported)]
    preloads = format_html_join(
        "", '<link rel="modulepreload" href="{}">', ((static(one),) for one in imported)
    )
    return format_html('<script type="module" src="{}"></script>{}', static(script), preloads)
