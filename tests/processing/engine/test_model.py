"""The real thing: u2netp on photographs that scikit-image ships."""

import io
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

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
from processing.engine.axes import find_fixed_batches
from processing.engine.graph import read_graph
from processing.engine.matters import RembgMatter, prepare
from processing.engine.rewriting import rewrite
from processing.engine.sessions import _prepare, load_runtime
from tests.processing.engine.photos import save

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def u2netp(weights: Path) -> Path:
    fetch(find_card("u2netp"), weights)
    return weights


@pytest.fixture(scope="module")
def matter(u2netp: Path) -> RembgMatter:
    matter = load_matter("u2netp", u2netp, device="cpu", threads=2)
    assert isinstance(matter, RembgMatter)
    return matter


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
    assert (alpha[120:300, 260:420] > 250).mean() > 0.999
    for corner in (alpha[:40, :40], alpha[:40, -40:], alpha[-40:, :40], alpha[-40:, -40:]):
        assert corner.max() < 5
    assert 0.38 < alpha.mean() / 255 < 0.56


def test_a_person_is_cut_out(matter: Matter) -> None:
    alpha = cut("astronaut", matter)[..., 3]
    assert (alpha[100:160, 190:250] > 250).mean() > 0.999, "her face"
    assert alpha[:100, :100].max() < 5
    assert alpha[:100, -100:].max() < 5


@pytest.mark.parametrize("scene", ["gravel", "grass"])
def test_a_photo_without_subject_is_refused(matter: Matter, scene: str) -> None:
    with pytest.raises(UnknownForeground):
        cut(scene, matter)


def photos() -> list[Image.Image]:
    return [Image.fromarray(getattr(data, scene)()) for scene in ("astronaut", "coffee", "cat")]


@pytest.fixture
def freed(u2netp: Path, monkeypatch: pytest.MonkeyPatch) -> RembgMatter:
    """The model as where its graph is not written again: on a GPU, or where it is not known."""
    monkeypatch.setattr("processing.engine.sessions.rewrite", lambda model: None)
    matter = load_matter("u2netp", u2netp, device="cpu", threads=2)
    assert isinstance(matter, RembgMatter)
    return matter


def batches(matter: RembgMatter, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Gets the number of photos of each call of the runtime."""
    session = matter._session.inner_session
    asked: list[int] = []

    def run(names: list[str], inputs: dict[str, NDArray[np.float32]]) -> Any:
        asked.extend(tensor.shape[0] for tensor in inputs.values())
        return session.run(names, inputs)

    monkeypatch.setattr(matter._session, "inner_session", SimpleNamespace(run=run))
    return asked


def test_many_photos_are_one_call_and_the_same_planes(
    freed: RembgMatter, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = [freed.predict([photo])[0] for photo in photos()]
    asked = batches(freed, monkeypatch)
    together = freed.predict(photos())
    assert asked == [3]
    for one, other in zip(alone, together, strict=True):
        assert np.abs(one - other).max() < 1e-5
    assert freed.predict([]) == []


def test_many_photos_are_a_call_each_on_a_cpu_and_the_same_planes(
    matter: RembgMatter, freed: RembgMatter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for the order of additions: onnxruntime's own optimizing changes planes by 8e-5."""
    noise = np.random.default_rng(0).integers(0, 256, (320, 320, 3), np.uint8)
    scenes = [*photos(), Image.fromarray(noise)]
    asked = batches(matter, monkeypatch)
    planes = matter.predict(scenes)
    assert asked == [1, 1, 1, 1]
    for one, other in zip(planes, freed.predict(scenes), strict=True):
        assert np.abs(one - other).max() < 5e-5
        assert np.abs(one - other).mean() < 5e-6
    assert matter.predict([]) == []


def test_nothing_is_joined_or_measured_on_a_cpu(u2netp: Path) -> None:
    parts = rewrite((u2netp / "u2netp.onnx").read_bytes())
    assert parts is not None
    kinds = Counter(node.kind for node in read_graph(b"".join(parts)).nodes)
    assert kinds.keys() == {"Add", "Constant", "Conv", "MaxPool", "Relu", "Resize", "Sigmoid"}
    assert kinds["Resize"] == 38


@pytest.mark.parametrize("provider", ["CUDA", "Tensorrt", "OpenVINO"])
def test_other_devices_take_any_number_of_photos(u2netp: Path, provider: str) -> None:
    chosen = [f"{provider}ExecutionProvider", "CPUExecutionProvider"]
    with _prepare(u2netp / "u2netp.onnx", chosen) as path:
        model = path.read_bytes()
    assert find_fixed_batches(model) == []
    assert len(read_graph(model).outputs) == 7


def test_no_copy_of_the_weights_is_left_by_a_worker_that_is_killed(
    u2netp: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Because none is ever on a disk: there is no folder for temporary files here."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    assert load_matter("u2netp", u2netp, device="cpu", threads=1).name == "u2netp"


def test_a_model_sees_the_numbers_that_rembg_would_show_it(matter: RembgMatter) -> None:
    card = find_card("u2netp")
    dark = Image.fromarray(data.coffee()).point(lambda value: value // 3)
    for photo in [*photos(), dark, Image.new("RGB", (400, 300))]:
        small = photo.resize((320, 320), Image.Resampling.LANCZOS, reducing_gap=2.0)
        theirs = matter._session.normalize(small, card.mean, card.std, (320, 320))
        assert (prepare(photo, card) == theirs["input.1"][0]).all()


def test_it_says_what_it_runs(matter: Matter) -> None:
    assert (matter.name, matter.version) == ("u2netp", "309c8469258d")
    assert matter.provider == "CPUExecutionProvider"


def test_a_device_that_is_not_active_is_an_error(u2netp: Path) -> None:
    runtime = load_runtime()
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


def test_nothing_is_reported_to_anybody(u2netp: Path, tmp_path: Path) -> None:
    """What onnxruntime would report with, it would first write: a device id and a cache."""
    code = (
        "import pathlib, time, processing.engine as e;"
        f"e.load_matter('u2netp', pathlib.Path({str(u2netp)!r}));"
        "time.sleep(1)"
    )
    talkative = {name: value for name, value in os.environ.items() if "TELEMETRY" not in name}
    env = talkative | {"HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], check=True, env=env)
    assert list(tmp_path.rglob("*")) == []


def test_neither_rembg_whole_nor_its_remote_sessions_are_loaded(u2netp: Path) -> None:
    code = (
        "import sys, pathlib, processing.engine as e;"
        f"e.load_matter('u2netp', pathlib.Path({str(u2netp)!r}));"
        "print([name for name in sys.modules if name.startswith('rembg')]);"
        "print([name for name in ('numba', 'scipy', 'pymatting') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["['rembg.sessions.base', 'rembg.sessions.u2netp']", "[]"]
