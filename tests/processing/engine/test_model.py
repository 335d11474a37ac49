"""The real thing: u2netp on photographs that scikit-image ships."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from processing.engine import (
    DeviceUnavailable,
    Limits,
    Matter,
    ModelUnusable,
    Options,
    UnknownForeground,
    cut_out,
    encode,
    fetch,
    find_card,
    load_matter,
)
from tests.processing.engine.photos import save

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def u2netp(weights: Path) -> Path:
    fetch(find_card("u2netp"), weights)
    return weights


@pytest.fixture(scope="module")
def matter(u2netp: Path) -> Matter:
    return load_matter("u2netp", u2netp, device="cpu", threads=2)


def cut(scene: str, matter: Matter) -> NDArray[np.uint8]:
    """`scene` is a photo that comes inside scikit-image's own package."""
    pixels = getattr(data, scene)()
    photo = save(Image.fromarray(pixels), "JPEG", quality=95)
    cutout = cut_out(photo, Options(), matter, Limits())
    return np.asarray(Image.open(io.BytesIO(encode(cutout, "cutout.png"))))


def test_a_cup_is_cut_out_of_its_table(matter: Matter) -> None:
    pixels = cut("coffee", matter)
    alpha = pixels[..., 3]
    assert alpha.shape == (400, 600)
    assert alpha[200, 320] == 255
    assert alpha[120:300, 260:420].min() > 250
    for corner in (alpha[:40, :40], alpha[:40, -40:], alpha[-40:, :40], alpha[-40:, -40:]):
        assert corner.max() < 5
    assert 0.38 < alpha.mean() / 255 < 0.56


def test_a_person_is_cut_out(matter: Matter) -> None:
    alpha = cut("astronaut", matter)[..., 3]
    assert alpha[100:160, 190:250].min() > 250, "her face"
    assert alpha[:100, :100].max() < 5
    assert alpha[:100, -100:].max() < 5


@pytest.mark.parametrize("scene", ["gravel", "grass"])
def test_a_photo_without_subject_is_refused(matter: Matter, scene: str) -> None:
    with pytest.raises(UnknownForeground):
        cut(scene, matter)


def test_it_says_what_it_runs(matter: Matter) -> None:
    assert (matter.name, matter.version) == ("u2netp", "309c8469258d")
    assert matter.provider == "CPUExecutionProvider"


def test_a_device_that_is_not_active_is_an_error(u2netp: Path) -> None:
    runtime = pytest.importorskip("onnxruntime")
    absent = {"cuda": "CUDA", "tensorrt": "Tensorrt", "openvino": "OpenVINO"}
    for device, name in absent.items():
        if f"{name}ExecutionProvider" not in runtime.get_available_providers():
            with pytest.raises(DeviceUnavailable, match=device):
                load_matter("u2netp", u2netp, device=device)


def test_corrupt_weights_are_not_opened(u2netp: Path, tmp_path: Path) -> None:
    content = bytearray((u2netp / "u2netp.onnx").read_bytes())
    content[1000] ^= 1
    (tmp_path / "u2netp.onnx").write_bytes(content)
    with pytest.raises(ModelUnusable):
        load_matter("u2netp", tmp_path)


def test_neither_rembg_whole_nor_its_remote_sessions_are_loaded(u2netp: Path) -> None:
    code = (
        "import sys, pathlib, processing.engine as e;"
        f"e.load_matter('u2netp', pathlib.Path({str(u2netp)!r}));"
        "print([name for name in sys.modules if name.startswith('rembg')]);"
        "print([name for name in ('numba', 'scipy', 'pymatting') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["['rembg.sessions.base', 'rembg.sessions.u2netp']", "[]"]
