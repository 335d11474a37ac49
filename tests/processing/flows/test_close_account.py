"""Closing an account: its photos first, then who it was; from any point on it can be run again."""

from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, Membership, User, Workspace
from processing.access import home_of
from processing.errors import Interrupted
from processing.flows import close_account as flow
from processing.flows.close_account import close_account
from processing.flows.erase import erase_images
from processing.flows.submit import Upload
from processing.models import Image, Receipt, database_now
from processing.retention import erase
from tests import photos
from tests.cast import (
    at_page,
    finish,
    nothing_is_left,
    opt_in,
    sender_of,
    start,
    stored_objects,
    submit,
)


def reload(user: User) -> User:
    return User.objects.get(pk=user.pk)


def test_everything_is_erased_for_that_reason(owner: User) -> None:
    opt_in(owner)
    for _ in range(3):
        finish(submit(owner))
    assert close_account(owner, at_page(owner)) == 3
    assert nothing_is_left()
    assert set(Receipt.objects.values_list("reason", flat=True)) == {"account_closed"}
    assert Receipt.objects.count() == 3
    assert reload(owner).closed_at is not None


def test_what_is_still_arriving_goes_too(owner: User) -> None:
    upload = Upload(sender_of(owner), "photo.png")
    upload.add(photos.pad(photos.draw(), 300_000))
    assert close_account(owner, at_page(owner)) == 1
    with pytest.raises(Interrupted):
        upload.finish()
    upload.abandon()
    assert not Image.objects.filter(life="live").exists()
    assert reload(owner).closed_at is not None


def test_a_request_that_outlives_its_account_brings_nothing(owner: User) -> None:
    upload = Upload(sender_of(owner), "photo.png")
    close_account(owner, at_page(owner))
    upload.add(photos.draw())
    with pytest.raises(Interrupted):
        upload.finish()
    assert nothing_is_left()


def test_nothing_comes_into_a_workspace_whose_owner_is_gone(owner: User, outsider: User) -> None:
    Membership.objects.create(workspace=home_of(owner), user=outsider)
    sender = sender_of(outsider)
    object.__setattr__(sender, "workspace", home_of(owner))
    close_account(owner, at_page(owner))
    upload = Upload(sender, "photo.png")
    upload.add(photos.draw())
    with pytest.raises(Interrupted):
        upload.finish()
    assert nothing_is_left()


def test_uploads_elsewhere_and_of_others_in_one_s_own_workspaces_go(
    owner: User, outsider: User
) -> None:
    shared = Workspace.objects.create(owner=owner)
    elsewhere, theirs, inside = submit(owner), submit(outsider), submit(outsider)
    Image.objects.filter(pk=elsewhere.pk).update(workspace=home_of(outsider))
    Image.objects.filter(pk=inside.pk).update(workspace=shared)
    assert close_account(owner, at_page(owner)) == 2
    assert Image.objects.get().pk == theirs.pk
    assert reload(outsider).closed_at is None


def test_a_storage_that_refuses_does_not_keep_it_open(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(prefixes: list[str], *_: Any) -> dict[str, Exception]:
        return {prefix: OSError("read-only file system") for prefix in prefixes}

    finish(submit(owner))
    monkeypatch.setattr(erase, "shred_many", refuse)
    close_account(owner, at_page(owner))
    assert reload(owner).closed_at is not None
    row = Image.objects.get()
    assert (row.life, row.wrapped_key, row.reason) == ("erasing", None, "account_closed")
    assert stored_objects() != []
    monkeypatch.undo()
    erase.work([row], database_now())
    assert nothing_is_left()


def test_what_a_worker_is_at_is_unreadable_and_ends_later(owner: User) -> None:
    start(submit(owner))
    close_account(owner, at_page(owner))
    assert stored_objects() == []
    assert Image.objects.get().life == "erasing"


def test_what_comes_while_the_others_are_erased_goes_with_the_account(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = erase_images

    def then_one_more(*args: Any, **more: Any) -> list[Image]:
        erased = real(*args, **more)
        submit(owner)
        return erased

    submit(owner)
    monkeypatch.setattr(flow, "erase_images", then_one_more)
    assert close_account(owner, at_page(owner)) == 2
    assert nothing_is_left()
    assert AuditEntry.objects.filter(action="image.erased").count() == 2
    assert not AuditEntry.objects.exclude(address="").exists()


def test_the_end_of_the_ledger_is_locked_before_any_image(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As whoever turns an opt-in off does: in another order the two would wait for each other."""
    monkeypatch.setattr(flow, "erase_images", lambda *args, **more: [])  # All of them are late.
    submit(owner)
    with CaptureQueriesContext(connection) as ran:
        close_account(owner, at_page(owner))
    statements = [query["sql"] for query in ran]
    ledger = next(n for n, sql in enumerate(statements) if "accounts_chainhead" in sql)
    image = next(n for n, sql in enumerate(statements) if sql.startswith('UPDATE "processing_im'))
    assert ledger < image


@pytest.mark.parametrize("step", ["erase_images", "close", "_condemn"])
def test_what_breaks_leaves_an_open_account_that_can_be_closed_again(
    owner: User, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = getattr(flow, step)

    def breaks(*args: Any, **more: Any) -> None:
        real(*args, **more)
        raise OperationalError("database is locked")

    submit(owner)
    if step == "_condemn":
        monkeypatch.setattr(flow, "erase_images", lambda *_, **__: [])
    with monkeypatch.context() as patched:
        patched.setattr(flow, step, breaks)
        with pytest.raises(OperationalError):
            close_account(owner, at_page(owner))
    assert reload(owner).closed_at is None
    assert reload(owner).email == "olivia@example.org"
    close_account(reload(owner), at_page(owner))
    assert nothing_is_left()
    assert reload(owner).closed_at is not None


def test_without_images_it_closes_too(owner: User) -> None:
    assert close_account(owner, at_page(owner)) == 0
    assert close_account(reload(owner), at_page(owner)) == 0
