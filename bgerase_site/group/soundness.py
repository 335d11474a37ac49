"""Settings that contradict each other stop every part, whoever starts it.

The commands of `manage.py` look for them by themselves; gunicorn and Celery do not.
"""

import sys

from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured


def require_soundness() -> None:
    """Writes down every error that Django's checks and ours find, and raises if there is one.

    Raises ImproperlyConfigured. Logs leave out the text of an error: it is written here.
    """
    errors = [found for found in run_checks() if found.is_serious() and not found.is_silenced()]
    if errors:
        sys.stderr.write("".join(f"{error}\n" for error in errors))
        raise ImproperlyConfigured("These settings contradict each other.")
