"""A clock that nobody's setting of the wall clock moves, and that no restart turns back.

The wall clock of a machine can be stepped: by hand, by its time service, by a battery that died.
Deadlines must not follow. The first process after a boot writes an anchor into `KEYS_DIR/clock/`:
what the wall clock said, and what the clock that counts from the boot on (sleep included) said at
that moment. All processes of the machine count on from there. A mark of the latest moment that was
seen is kept beside it: a machine that starts with its clock turned back goes on from the mark.
Such a start is a guess, as is one soon after the mark, by a machine without a battery, say: for
ten minutes a wall clock that is put ahead, as its time service does then, is believed.

Without Linux's CLOCK_BOOTTIME the wall clock has to do, but it never goes back within a process.
"""

import logging
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from processing.storage import secret_files

log = logging.getLogger(__name__)
TREE = "clock"
SEEN = "seen"
REREAD_NS = 1_000_000_000  # So old an anchor can be that a process counts from.
SOON_NS = 120 * 1_000_000_000
GUESS_LASTS_NS = 600 * 1_000_000_000
APART_NS = 2_000_000_000
FORGET_AFTER = timedelta(days=30)
_BOOTTIME = getattr(time, "CLOCK_BOOTTIME", None)
_START = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class _Anchor:
    folder: Path
    ahead_ns: int  # Of the time since 1970 before the time since the boot.
    guessed_until_ns: int  # Since the boot.
    read_ns: int


_anchor: _Anchor | None = None
_latest_ns = 0


def steady_now() -> datetime:
    return _moment(_steady_ns())


def wall_now() -> datetime:
    """What the machine itself takes for the time."""
    return _moment(time.time_ns())


def clocks_apart() -> timedelta:
    """How far the wall clock is ahead of the steady one; negative where it is behind."""
    return _moment(time.time_ns()) - steady_now()


def is_steady() -> bool:
    """False where the machine has no clock that counts from its boot on."""
    return _boot_name() is not None


def remember() -> None:
    """Marks how far the time has come, for the next boot. An error is logged, no more."""
    now_ns = _steady_ns()
    try:
        if now_ns > _seen_ns():
            _replace(secret_files.folder(TREE) / SEEN, str(now_ns))
    except OSError as error:
        log.warning("the time that was seen cannot be written: %s", error.strerror)


def follow() -> None:
    """Of a guess the wall clock makes a certainty by being ahead. Raises OSError."""
    ahead = time.time_ns() - _steady_ns() > APART_NS
    if ahead and _anchor is not None and _boot_ns() < _anchor.guessed_until_ns:
        log.warning("the machine's clock was put ahead after its start; deadlines follow it")
        reanchor()


def reanchor() -> None:
    """From now on the wall clock's time of this moment is right, in every process of the machine.

    They notice within a second. Raises OSError.
    """
    reanchor_to(wall_now())


def reanchor_to(moment: datetime) -> None:
    """Raises OSError."""
    global _anchor, _latest_ns
    name, folder = _boot_name(), secret_files.folder(TREE)
    moment_ns = (moment - _START) // timedelta(microseconds=1) * 1000
    _replace(folder / SEEN, str(moment_ns))
    if name is not None:
        _replace(folder / name, f"{moment_ns - _boot_ns()} 0")
    _anchor, _latest_ns = None, moment_ns


def _steady_ns() -> int:
    global _latest_ns  # noqa: PLW0603
    name = _boot_name()
    if name is None:
        _latest_ns = max(_latest_ns, time.time_ns())
        return _latest_ns
    boot_ns, folder, anchor = _boot_ns(), secret_files.root(), _anchor
    if anchor is None or boot_ns - anchor.read_ns > REREAD_NS or anchor.folder is not folder:
        anchor = _read_anchor(folder, name, anchor)
    return boot_ns + anchor.ahead_ns


def _read_anchor(root: Path, name: str, last: _Anchor | None) -> _Anchor:
    """The machine's anchor, made now if there is none: from the last one that this process knew.

    Where it can be neither read nor written (a full disk, say) this process counts for itself.
    """
    global _anchor  # noqa: PLW0603
    ours = (last.ahead_ns, last.guessed_until_ns) if last and last.folder is root else _drop()
    try:
        ours = _shared(secret_files.folder(TREE) / name, ours)
    except OSError as error:
        if last is None:
            log.warning("the anchor of the clock cannot be used: %s", type(error).__name__)
    _anchor = _Anchor(root, *ours, _boot_ns())
    return _anchor


def _shared(path: Path, ours: tuple[int, int]) -> tuple[int, int]:
    """What the file says; made of ours if there is none, or a broken one. Raises OSError."""
    if not path.exists():
        _forget_earlier_boots(path.parent)
        secret_files.create_once(path, "{} {}".format(*ours).encode())
    try:
        ahead_ns, guessed_until_ns = map(int, path.read_text().split())
    except ValueError:
        _replace(path, "{} {}".format(*ours))
        return ours
    return ahead_ns, guessed_until_ns


def _drop() -> tuple[int, int]:
    """An anchor of this moment: how far the time is ahead, until when that is a guess."""
    wall_ns, boot_ns, seen_ns = time.time_ns(), _boot_ns(), _seen_ns()
    guess = seen_ns and wall_ns < seen_ns + SOON_NS
    return max(wall_ns, seen_ns) - boot_ns, boot_ns + GUESS_LASTS_NS if guess else 0


def _forget_earlier_boots(folder: Path) -> None:
    """Of other machines, too: one that is still up writes its own again."""
    before = time.time_ns() / 1e9 - FORGET_AFTER.total_seconds()
    for path in folder.glob("boot-*"):
        with suppress(OSError):
            if path.stat().st_mtime < before:
                path.unlink()


def _seen_ns() -> int:
    try:
        return int((secret_files.root() / TREE / SEEN).read_text())
    except (OSError, ValueError):
        return 0  # Never written, or broken: then nothing was seen.


def _replace(path: Path, content: str) -> None:
    draft = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
    try:
        draft.write_text(content)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def _boot_ns() -> int:
    assert _BOOTTIME is not None
    return time.clock_gettime_ns(_BOOTTIME)


def _moment(nanoseconds: int) -> datetime:
    return _START + timedelta(microseconds=nanoseconds // 1000)


def _find_boot_name() -> str | None:
    """Names this boot of this machine; a container can count from a start of its own."""
    if _BOOTTIME is None:
        return None
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None
    namespace = ""
    with suppress(OSError):
        namespace = "-" + str(Path("/proc/self/ns/time").stat().st_ino)
    return f"boot-{boot}{namespace}"


_BOOT_NAME = _find_boot_name()


def _boot_name() -> str | None:
    return _BOOT_NAME
