"""Typed readers of the `BGERASE_…` environment: a wrong value stops the start, with its name.

Every reader also takes its value from the file that `BGERASE_<NAME>_FILE` names, so that a secret
need not stand in the environment. `READ` remembers what was asked for; a test holds
`docs/settings.md` against it.
"""

import os
import re
import stat
from datetime import timedelta
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

PREFIX = "BGERASE_"
READ: dict[str, str] = {}

_UNITS = {"s": 1, "m": 60, "h": 3600}


def text(name: str, default: str = "") -> str:
    READ[name] = default
    path = os.environ.get(f"{PREFIX}{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(
                f"{PREFIX}{name}_FILE names {path}, which cannot be read: {error.strerror}."
            ) from error
    return os.environ.get(PREFIX + name, default)


def integer(name: str, default: int, *, least: int = 0, most: int | None = None) -> int:
    raw = text(name, str(default))
    value = int(raw) if re.fullmatch(r"-?\d+", raw) else None
    if value is None or value < least or (most is not None and value > most):
        bound = f"from {least} to {most}" if most is not None else f"of at least {least}"
        raise ImproperlyConfigured(f"{PREFIX}{name} is {raw!r}; it takes a whole number {bound}.")
    return value


def flag(name: str, *, default: bool) -> bool:
    raw = text(name, "1" if default else "0").lower()
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off", ""}:
        return False
    raise ImproperlyConfigured(f"{PREFIX}{name} is {raw!r}; it takes 1 or 0.")


def choice(name: str, default: str, allowed: set[str]) -> str:
    value = text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(
            f"{PREFIX}{name} is {value!r}; it takes one of {', '.join(sorted(allowed))}."
        )
    return value


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def duration(name: str, default: str, *, least: timedelta, most: timedelta) -> timedelta:
    """A length of time as `24h`, `90m` or `60s`."""
    raw = text(name, default)
    match = re.fullmatch(r"(\d+)([smh])", raw)
    value = timedelta(seconds=int(match[1]) * _UNITS[match[2]]) if match else None
    if value is None or not least <= value <= most:
        raise ImproperlyConfigured(
            f"{PREFIX}{name} is {raw!r}; it takes a time such as 24h, 90m or 60s, "
            f"from {int(least.total_seconds())}s to {int(most.total_seconds())}s."
        )
    return value


def kept_secret(name: str, path: Path, *, required: bool, size: int = 32) -> str:
    """A secret from the environment, or, in development, one made once and kept at `path`.

    Raises ImproperlyConfigured in production when the environment does not give it, or gives one
    of fewer than `size` characters.
    """
    value = text(name)
    if value and required and len(value) < size:
        raise ImproperlyConfigured(
            f"{PREFIX}{name} has {len(value)} characters; in production it needs {size} or more: "
            f"openssl rand -hex {size}."
        )
    if value:
        return value
    if required:
        raise ImproperlyConfigured(
            f"{PREFIX}PRODUCTION is on, so {PREFIX}{name} or {PREFIX}{name}_FILE has to be set: "
            f"{size} random bytes as hexadecimal (openssl rand -hex {size})."
        )
    return _made_once(path, size)


def make_private(folder: Path) -> None:
    """Makes a folder for its owner alone; one of ours that is there and open to others is closed.

    Somebody else's folder and one that everybody shares, such as /tmp, stay as they are.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = folder.stat()
    shared = found.st_mode & stat.S_ISVTX
    if found.st_mode & 0o077 and found.st_uid == os.geteuid() and not shared:
        folder.chmod(0o700)


def _made_once(path: Path, size: int) -> str:
    make_private(path.parent)
    draft = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(os.urandom(size).hex())
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # Two parts starting at once agree on whoever came first.
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii").strip()
