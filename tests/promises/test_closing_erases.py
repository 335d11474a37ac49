"""Closing an account: of its photos nothing is left anywhere, of its owner nothing but a number.

What "nothing" means is not written here: the registry says which columns are blanked and which
tables are emptied, and every column that it calls personal is looked at.
"""

import tempfile
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings as site
from django.contrib.auth.models import Group, Permission
from django.db import models

from accounts import consent
from accounts.models import AuditEntry, User, Workspace
from processing.access import home_of
from processing.flows.close_account import close_account
from processing.models import Receipt
from processing.retention.registry import Erased, fields_of, tables_gone_at_closing
from processing.retention.walk import verify_all
from tests import cast
from tests.promises import residue

pytestmark = pytest.mark.django_db(transaction=True)

EMAIL = "agatha.4be1c7d2@example.org"
SECOND = "agatha.second.77d1@example.org"
SECRET = "JBSWY3DPEHPK3PXP4BE1"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Agatha-5c2b/140.0"
GROUP = "editors-of-agatha-91d0"
NAME = f"agatha-{tempfile.gettempprefix()}-19c3f0aa-garden.png"
NETWORK = "203.0.113.0/24"


@pytest.fixture
def full(db: None) -> User:
    """Somebody with everything that an account can have, and photos in every state."""
    user = cast.make_user(EMAIL)
    for number, email in enumerate((EMAIL, SECOND)):
        address = EmailAddress.objects.create(user=user, email=email, primary=not number)
        EmailConfirmation.objects.create(email_address=address, key=f"key{number}")
    Authenticator.objects.create(user=user, type="totp", data={"secret": SECRET})
    user.groups.add(Group.objects.create(name=GROUP))
    user.user_permissions.add(Permission.objects.all()[0])
    Workspace.objects.filter(owner=user).update(retention_seconds=7200)
    User.objects.filter(pk=user.pk).update(is_staff=True, is_superuser=True)
    cast.browser(user).get("/gallery/", headers={"User-Agent": BROWSER})
    AuditEntry.objects.create(
        at=user.date_joined, owner=user, actor=user, via="page", action="account.signed_in",
        address=NETWORK,
    )  # fmt: skip
    cast.opt_in(user)
    user.refresh_from_db()
    return user


def needles(photo: bytes) -> residue.Needles:
    words = (EMAIL, SECOND, SECRET, BROWSER, NAME)
    sought = dict(residue.needles_of_content("the photo", photo))
    for word in words:
        sought |= residue.needles_of_name(word)
    return sought


def test_nothing_personal_is_left_in_any_declared_column(full: User) -> None:
    cast.finish(cast.submit(full))
    before = _personal_values(full)
    assert all(before[place] for place in before if place.endswith((".email", ".password")))
    close_account(full, cast.at_page(full))
    blanked = 0
    for place, value in _personal_values(full).items():
        assert _is_blank(value), f"{place}: {value!r}"
        assert before[place] != value or _is_blank(before[place]), place
        blanked += 1
    assert blanked >= 11
    for table in tables_gone_at_closing():
        assert _rows_of(table, full) == 0, table
    print(
        f"{blanked} columns blank, {len(tables_gone_at_closing())} tables without a row of theirs"
    )


def test_what_was_personal_is_nowhere(full: User, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    photo = residue.draw_marked()
    cast.finish(cast.submit(full, photo, NAME), photo)
    cast.start(cast.submit(full, photo, NAME))
    sought = needles(photo)
    assert residue.find_in_tables(sought) != []  # The search finds what there is to find.
    close_account(full, cast.at_page(full))
    hits = residue.find_in_tables(sought) + residue.find_in_storage(sought)
    hits += residue.find_in_messages(sought) + residue.find_in_mail(sought)
    hits += residue.find(residue.needles_of_content("the photo", photo), Path(site.DATA_DIR))
    hits += [what for what, needle in sought.items() if needle in caplog.text.encode()]
    assert hits == []
    assert cast.stored_objects() == []
    print(f"{len(sought)} needles sought everywhere, {len(hits)} found")


def test_what_is_left_still_proves_what_happened(full: User) -> None:
    image = cast.finish(cast.submit(full))
    close_account(full, cast.at_page(full))
    assert Receipt.objects.get().image_id == image.pk
    walked = verify_all()
    assert (walked.count, walked.broken) == (1, 0)
    assert consent.verify_ledger() == 0
    assert [entry.on for entry in consent.history(full)] == [False, True]
    workspace = Workspace.objects.get(owner=full)
    assert (workspace.pk, workspace.personal) == (home_of(full).pk, True)


def _personal_values(user: User) -> dict[str, Any]:
    """What stands in every column that is to be blank once the account is closed."""
    found: dict[str, Any] = {}
    for table, columns in fields_of(Erased.BLANKED_AT_CLOSING).items():
        for column in columns:
            for row in _own(table, user):
                value = getattr(row, column)
                many = isinstance(value, models.Manager)
                found[f"{table}.{column}"] = list(value.all()) if many else value
    return found


def _own(table: str, user: User) -> list[Any]:
    column = "pk" if table == "accounts.User" else "owner"
    value = user.pk if column == "pk" else user
    return list(apps.get_model(table)._default_manager.filter(**{column: value}))


def _rows_of(table: str, user: User) -> int:
    columns = {
        "account.EmailConfirmation": "email_address__user",
        "accounts.Membership": "workspace__owner",
    }
    rows = apps.get_model(table)._default_manager.filter(**{columns.get(table, "user"): user})
    return len(rows)


def _is_blank(value: Any) -> bool:
    """Empty, off, an unusable password, an address that is none, or the hour of the closing."""
    if isinstance(value, str) and value:
        return value.startswith("!") or (value.startswith("closed-") and value.endswith("@invalid"))
    closed = User.objects.exclude(closed_at=None).values_list("closed_at", flat=True)
    return not value or value in set(closed)
