"""The web server's door. WSGI, because Django's ASGI handler spools a body to a file first."""

import os

from django.core.wsgi import get_wsgi_application

from bgerase_site.group.soundness import require_soundness
from processing import scratch

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bgerase_site.settings")
application = get_wsgi_application()
scratch.use_own_folder()
require_soundness()
