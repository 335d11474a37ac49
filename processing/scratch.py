"""Where temporary files go, should a library make one: a private folder that the patrol empties.

This site's own code makes none. The system's /tmp is open to others and nobody here looks into it.
"""

import os
import tempfile

from django.conf import settings


def use_own_folder() -> None:
    """For this process and all that it starts."""
    folder = str(settings.DATA_DIR / "tmp")
    os.environ["TMPDIR"] = tempfile.tempdir = folder
