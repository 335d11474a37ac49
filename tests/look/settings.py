"""The site's own settings, and addresses at which each of its refusals can be looked at."""

from bgerase_site.settings import *  # noqa: F403

ROOT_URLCONF = "tests.look.urls"
