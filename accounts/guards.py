"""Rules that the database itself keeps, whoever writes to it: triggers on SQLite and PostgreSQL.

Installed after every `migrate` (SQLite drops a table's triggers whenever a migration rebuilds it).
What is refused surfaces as django.db.IntegrityError.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connections


@dataclass(frozen=True)
class Guard:
    """Refuses an UPDATE or DELETE of `table`, of the rows for which `when` holds."""

    table: str
    event: str
    says: str
    when: str = ""

    @property
    def name(self) -> str:
        return f"guard_{self.table}_{self.event.lower()}"


def append_only(table: str) -> tuple[Guard, Guard]:
    says = f"{table} is only ever added to"
    return Guard(table, "UPDATE", says), Guard(table, "DELETE", says)


def install(guards: Iterable[Guard], using: str) -> None:
    connection = connections[using]
    present = set(connection.introspection.table_names())
    build = _on_sqlite if connection.vendor == "sqlite" else _on_postgres
    with connection.cursor() as cursor:
        for guard in guards:
            if guard.table in present:
                for statement in build(guard):
                    cursor.execute(statement)


def _on_sqlite(guard: Guard) -> list[str]:
    when = f"WHEN {guard.when} " if guard.when else ""
    return [
        f"DROP TRIGGER IF EXISTS {guard.name}",
        (
            f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} {when}"
            f"BEGIN SELECT RAISE(ABORT, '{guard.says}'); END"
        ),
    ]


def _on_postgres(guard: Guard) -> list[str]:
    when = f"WHEN ({guard.when}) " if guard.when else ""
    return [
        (
            f"CREATE OR REPLACE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN RAISE EXCEPTION '{guard.says}' "
            "USING ERRCODE = 'integrity_constraint_violation'; END $$"
        ),
        f"DROP TRIGGER IF EXISTS {guard.name} ON {guard.table}",
        (
            f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} FOR EACH ROW {when}"
            f"EXECUTE FUNCTION {guard.name}()"
        ),
    ]


LEDGER = append_only("accounts_consententry")


def install_ours(*, using: str, **kwargs: Any) -> None:
    install(LEDGER, using)
