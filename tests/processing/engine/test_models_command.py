from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from processing.engine import MODELS, REFUSED, RESTRICTED, find_card
from processing.engine.weights import weights_path
from tests import cast


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.MODELS_DIR = tmp_path
    return tmp_path


def run(*words: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    call_command("models", *words)
    return capsys.readouterr().out.splitlines()


def test_list_names_every_model_with_licence_and_state(
    db: None, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights_path(find_card("u2net"), folder).write_bytes(b"not it")
    heading, *rows = run("list", capsys=capsys)
    assert heading.split() == [
        "MODEL",
        "SIZE",
        "LICENCE",
        "SPEED",
        "FOR",
        "HERE",
        "SERVED",
        "NOTES",
    ]
    cells = {row.split()[0]: row for row in rows}
    assert set(cells) == {*MODELS, *RESTRICTED, *REFUSED}
    assert cells["u2netp"].split()[:7] == [
        "u2netp",
        "4.6",
        "MB",
        "Apache-2.0",
        "fast",
        "fast",
        "no",
    ]
    assert cells["u2netp"].split()[7:9] == ["by", "0"]
    assert cells["u2net"].split()[6] == "wrong"
    assert "opt-in: " in cells["isnet-general-use"]
    assert "refused: its licence forbids commercial use" in cells["bria-rmbg"]
    assert cells["atlascloud"].endswith("refused: it sends the photos to another company")


def test_list_tells_what_live_workers_serve(
    db: None, folder: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.MODEL, settings.ALLOWED_LICENCES = "u2netp", ["CC-BY-NC-4.0"]
    cast.start_worker("", "silueta")
    cells = {row.split()[0]: row for row in run("list", capsys=capsys)}
    served = [name for name, row in cells.items() if "  by 1" in row]
    assert served == ["u2netp", "silueta"]
    assert "allowed here" in cells["bria-rmbg"]


def test_verify_tells_right_from_wrong(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("verify", capsys=capsys)[0].startswith("No weights in ")
    weights_path(find_card("u2netp"), folder).write_bytes(b"not it")
    with pytest.raises(CommandError, match=r"u2netp are not the pinned ones.*models fetch u2netp"):
        call_command("models", "verify")


@pytest.mark.model
def test_fetch_leaves_right_weights_alone(
    weights: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.MODELS_DIR = weights
    assert run("fetch", "u2netp", capsys=capsys)[-1] in {"u2netp: ready", "u2netp: present"}
    assert run("fetch", "u2netp", capsys=capsys) == ["u2netp: present"]
    assert any(row.startswith("u2netp: verified") for row in run("verify", capsys=capsys))


def test_fetch_refuses_a_name_that_is_not_listed(folder: Path) -> None:
    with pytest.raises(CommandError, match="bria-rmbg is refused"):
        call_command("models", "fetch", "bria-rmbg")
    assert list(folder.iterdir()) == []


@pytest.mark.model
def test_bench_times_what_is_here(
    weights: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.MODELS_DIR, settings.DEVICE = weights, "cpu"
    heading, row = run("bench", "u2netp", "--batch", "2", capsys=capsys)
    assert heading.split() == ["MODEL", "PROVIDER", "BATCH", "MS/PHOTO", "PHOTOS/S", "PEAK", "MB"]
    name, provider, batch, milliseconds, per_second, peak = row.split()
    assert (name, provider, batch) == ("u2netp", "CPUExecutionProvider", "2")
    assert float(milliseconds) * float(per_second) == pytest.approx(1000, rel=0.05)
    assert 50 < float(peak) < 2000


def test_bench_says_why_a_model_cannot_be_timed(folder: Path, settings: Any) -> None:
    with pytest.raises(
        CommandError, match=r"u2net cannot be timed: .*weights of u2net are missing"
    ):
        call_command("models", "bench", "u2net")
    with pytest.raises(CommandError, match="bria-rmbg is refused"):
        call_command("models", "bench", "bria-rmbg")


def test_bench_without_weights_says_what_to_fetch(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("bench", capsys=capsys)[0].startswith("No weights in ")
