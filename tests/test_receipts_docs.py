"""What docs/receipts.md tells people to run does what it says."""

import base64
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from processing.models import Reason
from processing.retention.certificates import certificate
from processing.retention.documents import RECEIPT
from tests.cast import browser, own_stores, owner
from tests.processing.retention.paper import erased
from tests.test_docs import read

__all__ = ["own_stores", "owner"]
pytestmark = pytest.mark.django_db


def block(language: str) -> str:
    found = re.findall(
        rf"^```{language}\n(.*?)^```$", read("receipts.md"), re.DOTALL | re.MULTILINE
    )
    assert len(found) == 1
    return str(found[0])


@pytest.fixture
def folder(tmp_path: Path, owner: User) -> Path:
    (receipt,) = erased(owner)
    save(tmp_path, certificate(receipt))
    (tmp_path / "keys.json").write_bytes(browser().get("/receipts/keys.json").content)
    return tmp_path


def save(folder: Path, content: dict[str, Any]) -> None:
    (folder / "receipt.json").write_text(json.dumps(content, indent=2), encoding="utf-8")


def run_python(folder: Path) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-c", block("python")]
    return subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)


def test_the_lines_of_python_believe_a_genuine_receipt(folder: Path) -> None:
    result = run_python(folder)
    assert result.returncode == 0, result.stderr
    assert result.stdout == "genuine: erased by 2026-03-04T05:06:07.891Z\n"


@pytest.mark.parametrize("field", ["size", "erased_at", "hash", "signature", "key"])
def test_the_lines_of_python_believe_no_other(folder: Path, field: str) -> None:
    content = json.loads((folder / "receipt.json").read_text())
    wrong = {
        "size": 1,
        "erased_at": "2026-03-04T05:06:07.892Z",
        "hash": "ab" * 32,
        "signature": base64.b64encode(bytes(64)).decode(),
        "key": "0" * 16,
    }
    save(folder, content | {field: wrong[field]})
    assert run_python(folder).returncode != 0


def run_shell(folder: Path) -> subprocess.CompletedProcess[str]:
    argv = ["sh", "-ec", block("sh")]
    return subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)


def test_openssl_believes_a_genuine_receipt(folder: Path) -> None:
    result = run_shell(folder)
    assert result.returncode == 0, result.stderr
    content = json.loads((folder / "receipt.json").read_text())
    assert result.stdout.split() == [
        content["hash"],
        "content",
        "Signature",
        "Verified",
        "Successfully",
    ]


def test_openssl_believes_no_other(folder: Path) -> None:
    content = json.loads((folder / "receipt.json").read_text())
    save(folder, content | {"size": 1})
    result = run_shell(folder)
    assert result.returncode != 0
    assert content["hash"] not in result.stdout


def test_they_are_fifteen_lines() -> None:
    assert len(block("python").strip().splitlines()) <= 15


def test_the_example_and_the_table_have_the_fields_of_a_receipt() -> None:
    example = json.loads(block("json"))
    assert set(example) == set(RECEIPT.fields)
    assert RECEIPT.fault(example) == ""
    listed = set(re.findall(r"`(\w+)`", re.search(r"\| `reason` \|(.*)\|", read("receipts.md"))[1]))  # type: ignore[index]
    assert listed == set(Reason.values)
