"""What the web process loads: none of the engine's weight, whatever it is asked for."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
HEAVY = {"rembg", "onnxruntime", "numpy", "numba", "scipy", "skimage", "cv2", "PIL", "pillow_heif"}

ASK_FOR_EVERYTHING = """
import json, sys
import bgerase_site.wsgi
from django.core.management import call_command
from django.test import Client
from accounts.models import User

call_command("migrate", verbosity=0)
client = Client()
client.get("/healthz")
client.force_login(User.objects.create_user("olivia@example.org", "correct horse battery"))
from processing.views.uploads import FIELD
from django.core.files.uploadedfile import SimpleUploadedFile
header = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000080000000808020000004b6d29dc")
json_only = {"Accept": "application/json"}
sent = client.post("/images/", {FIELD: SimpleUploadedFile("a.png", header)}, headers=json_only)
address = sent.json()["images"][0]["url"]
paths = ["/", "/gallery/", address, "/images/?ids=a", address + "original", "/account/"]
statuses = [sent.status_code] + [client.get(path, headers=json_only).status_code for path in paths]
statuses.append(client.delete(address).status_code)
print(json.dumps({"statuses": statuses, "modules": sorted(sys.modules)}))
"""


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The modules that a web process has loaded after every kind of request."""
    data = tmp_path_factory.mktemp("data")
    kept = {key: value for key, value in os.environ.items() if not key.startswith("BGERASE_")}
    (data / "static").mkdir()
    settings = {"BGERASE_DATA_DIR": str(data), "BGERASE_MODEL": "synthetic"}
    ask = ASK_FOR_EVERYTHING.replace("import bgerase_site.wsgi", PLAIN_STATIC)
    done = subprocess.run(
        [sys.executable, "-c", ask],
        cwd=ROOT,
        env=kept | settings | {"DJANGO_SETTINGS_MODULE": "bgerase_site.settings"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["statuses"] == [201, 200, 200, 200, 200, 200, 200, 204]
    return {name.partition(".")[0] for name in found["modules"]}


# Without a run of collectstatic the names in the templates have no hashes.
PLAIN_STATIC = """
from django.conf import settings
settings.STORAGES["staticfiles"]["BACKEND"] = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
)
import bgerase_site.wsgi
"""


@pytest.mark.parametrize("heavy", sorted(HEAVY))
def test_the_web_process_never_loads(heavy: str, modules: set[str]) -> None:
    assert heavy not in modules
