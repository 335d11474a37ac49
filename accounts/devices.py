"""A browser's User-Agent in a person's words.

The header is a heap of names that browsers took from one another, so the order of the tables
decides: Edge calls itself Chrome and Safari too, Chrome calls itself Safari.
"""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("python-requests/", _("a Python program")),
)
SYSTEMS = (
    ("iPhone", "iPhone", "smartphone"),
    ("iPad", "iPad", "tablet"),
    ("Android", "Android", "smartphone"),
    ("Windows", "Windows", "monitor"),
    ("Macintosh", "Mac", "monitor"),
    ("CrOS", "ChromeOS", "monitor"),
    ("Linux", "Linux", "monitor"),
)


def name_device(user_agent: str) -> str:
    """ "Firefox on Windows"; what is not recognised is left out, and called so if nothing is."""
    browser = next((name for sign, name in BROWSERS if sign in user_agent), "")
    system = next((name for sign, name, _ in SYSTEMS if sign in user_agent), "")
    if browser and system:
        return gettext("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return str(browser or system or gettext("An unknown browser"))


def choose_icon(user_agent: str) -> str:
    """The icon's name in `templates/_fragments/icons.html`: smartphone, tablet or monitor."""
    return next((icon for sign, _, icon in SYSTEMS if sign in user_agent), "monitor")
