"""Compares the declarations with what there is."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import Model

from processing.retention.registry import places
from processing.retention.registry.kinds import Place
from processing.retention.registry.tables import TABLES


@dataclass(frozen=True)
class Compared:
    """Names with what they are of: `undeclared` exist and say nothing, `gone` exist no more."""

    undeclared: list[str]
    gone: list[str]


def compare(models: Iterable[type[Model]] | None = None) -> Compared:
    """All declarations against all tables (`models`) and settings in force."""
    there = _columns(apps.get_models(include_auto_created=True) if models is None else models)
    declared = {
        f"column {table}.{name}"
        for table, held in TABLES.items()
        for one in held
        for name in one.fields.split()
    }
    kinds: tuple[tuple[str, Iterable[str], Iterable[Place]], ...] = (
        ("database", settings.DATABASES, places.DATABASES),
        ("storage", settings.STORAGES, places.STORAGES),
        ("cache", settings.CACHES, places.CACHES),
        ("log", _handlers(), places.LOGS),
        ("cookie", _cookies(), places.COOKIES),
    )
    for kind, names, entries in kinds:
        there |= {f"{kind} {name}" for name in names}
        declared |= _named(kind, entries)
    return Compared(sorted(there - declared), sorted(declared - there))


def _columns(models: Iterable[type[Model]]) -> set[str]:
    described = [model._meta for model in models]  # noqa: SLF001  Django's documented way.
    return {
        f"column {table.label}.{field.name}"
        for table in described
        for field in (*table.concrete_fields, *table.many_to_many)
    }


def _handlers() -> list[str]:
    handlers: Any = settings.LOGGING["handlers"]
    return list(handlers)


def _cookies() -> set[str]:
    """By the names that they have without the prefix that https adds."""
    set_by_django = {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
    names = {*set_by_django, settings.LANGUAGE_COOKIE_NAME, "messages", "share"}
    return {name.removeprefix("__Host-") for name in names}


def _named(kind: str, entries: Iterable[Place]) -> set[str]:
    return {f"{kind} {place.name}" for place in entries}
