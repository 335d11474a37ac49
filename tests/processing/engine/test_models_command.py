from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from processing.engine import MODELS, find_card
from processing.engine.weights import weights_path


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.MODELS_DIR = tmp_path
    return tmp_path


def run(*words: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    call_command("models", *words)
    return capsys.readouterr().out.splitlines()


def test_list_names_every_model_with_licence_and_state(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights_path(find_card("u2net"), folder).write_bytes(b"not it")
    heading, *rows = run("list", capsys=capsys)
    assert heading.split() == ["MODEL", "SIZE", "LICENCE", "HERE", "NOTES"]
    cells = {row.split()[0]: row for row in rows}
    assert set(cells) == set(MODELS)
    assert cells["u2netp"].split()[:5] == ["u2netp", "4.6", "MB", "Apache-2.0", "no"]
    assert cells["u2net"].split()[4] == "wrong"
    assert "opt-in: " in cells["isnet-general-use"]


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
