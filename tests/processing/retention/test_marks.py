"""Before a storage that is another one nothing is taken for erased."""

import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings

from accounts.models import User
from processing.flows.erase import erase_images
from processing.models import Image, Life, Pulse, Receipt, VaultMark, database_now
from processing.retention import backoff, erase, marks
from processing.retention.sweeper import sweep
from processing.storage import KeyGone, read_mark, write_mark
from tests import cast


def replace_mark(mark: str | None) -> None:
    """What the operator's mistake does: another storage is where this site's was."""
    storages["vault"].delete(".bgerase-vault")
    if mark is not None:
        write_mark(mark)
    marks.forget()


def test_a_new_site_and_a_new_storage_get_to_know_each_other(db: None) -> None:
    assert marks.look_anew(database_now()) == "same"
    mark = VaultMark.objects.get().mark
    assert read_mark() == mark
    assert len(mark) == 32
    assert marks.look_anew(database_now()) == "same"


def test_a_database_that_was_made_anew_takes_the_storages_mark(db: None) -> None:
    write_mark("0123456789abcdef0123456789abcdef")
    assert marks.look_anew(database_now()) == "same"
    assert VaultMark.objects.get().mark == "0123456789abcdef0123456789abcdef"


def test_a_mark_that_was_never_written_to_its_end_is_written_again(db: None) -> None:
    write_mark("")
    assert marks.look_anew(database_now()) == "same"
    assert read_mark() == VaultMark.objects.get().mark != ""


@pytest.mark.parametrize("stored", [None, "ffffffffffffffffffffffffffffffff", ""])
def test_nothing_is_finished_in_another_storage(owner: User, stored: str | None) -> None:
    sweep(database_now())
    image = cast.submit(owner)
    replace_mark(stored)
    swept = sweep(image.purge_at)
    assert (swept.begun, swept.finished, swept.failed) == (1, 0, 0)
    row = Image.objects.get()
    assert (row.life, row.wrapped_key, row.shredded_at) == (Life.ERASING, None, None)
    with pytest.raises(KeyGone):
        row.open_key()
    assert not Receipt.objects.exists()
    assert cast.stored_objects(), "nothing is deleted in somebody else's storage"
    assert Pulse.objects.get(pk="sweeper").facts["vault"] == "other"
    replace_mark(VaultMark.objects.get().mark)
    assert sweep(image.purge_at + backoff.lease()).finished == 1
    assert Pulse.objects.get(pk="sweeper").facts["vault"] == "same"


def test_nor_by_hand(owner: User) -> None:
    sweep(database_now())
    image = cast.submit(owner)
    replace_mark(None)
    erase_images([image], by=cast.at_page(owner))
    assert Image.objects.get().wrapped_key is None
    assert not Receipt.objects.exists()
    assert cast.stored_objects()


def test_a_storage_that_does_not_answer_is_unknown_and_ends_nothing(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = cast.submit(owner)
    asked = []

    def away() -> str:
        asked.append(1)
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(marks, "read_mark", away)
        broken.setattr(marks, "PATIENCE", 0.05)
        swept = sweep(image.purge_at)
    assert asked
    assert (swept.begun, swept.finished) == (1, 0)
    assert Pulse.objects.get(pk="sweeper").facts["vault"] == "unknown"
    assert not cast.stored_objects(), "what can be deleted is"
    assert not Receipt.objects.exists()
    assert sweep(image.purge_at + timedelta(minutes=2)).finished == 1


def test_a_hiccup_of_the_storage_is_asked_again(
    db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sweep(database_now())
    answers: list[Exception | str] = [ConnectionError(), VaultMark.objects.get().mark]

    def once_away() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(marks, "read_mark", once_away)
    assert marks.look_anew(database_now()) == "same"
    assert caplog.messages == ["the storage's mark cannot be read: ConnectionError"]


def test_a_mark_that_cannot_be_written_is_written_the_next_time(
    db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(mark: str) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(marks, "write_mark", full)
        assert marks.look_anew(database_now()) == "unknown"
    assert caplog.messages == ["the storage's mark cannot be written: OSError"]
    assert not VaultMark.objects.exists()
    assert marks.look_anew(database_now()) == "same"


def test_one_look_serves_for_a_few_seconds(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert marks.look(database_now()) == "same"
    monkeypatch.setattr(marks, "read_mark", lambda: "another")
    assert marks.look(database_now()) == "same"
    monkeypatch.setattr(marks, "SURE_FOR", 0.0)
    assert marks.look(database_now()) == "other"


def test_a_look_is_of_the_storage_that_was_looked_at(
    db: None, settings: Settings, tmp_path: Path
) -> None:
    assert marks.look(database_now()) == "same"
    settings.STORAGES = settings.STORAGES | {"vault": cast.new_folder(tmp_path / "another")}
    assert marks.look(database_now()) == "other"


def test_reading_the_mark_is_no_silence(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    marks.look_anew(database_now())
    ticks: list[str] = []

    def read(step: Callable[[], str], tick: Callable[[], None]) -> str:
        tick()
        return step()

    monkeypatch.setattr(marks, "patiently", read)
    assert marks.look_anew(database_now(), lambda: ticks.append("beat")) == "same"
    assert ticks == ["beat"]


def test_a_mark_that_is_made_this_moment_is_no_other_storage_s(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two loops begin at once: one looks while the other makes the storage known."""
    cast.submit(owner)
    reads: list[str | None] = []

    def while_the_other_makes_it() -> str | None:
        found = read_mark()
        if not reads:
            reads.append(found)
            monkeypatch.setattr(marks, "read_mark", read_mark)
            marks.look_anew(database_now())
        return found

    monkeypatch.setattr(marks, "read_mark", while_the_other_makes_it)
    assert marks.look_anew(database_now()) == "same"


def test_a_new_database_takes_an_empty_storage_and_none_that_holds_photos(owner: User) -> None:
    """An empty database by mistake (its address was lost, say) must not cost anybody a photo."""
    sweep(database_now())
    VaultMark.objects.all().delete()
    assert marks.look_anew(database_now()) == "same"
    cast.submit(owner)
    VaultMark.objects.all().delete()
    assert marks.look_anew(database_now()) == "other"
    assert not VaultMark.objects.exists()
    assert "adopted" in ask("adopt")
    assert marks.look_anew(database_now()) == "same"


def ask(*words: str) -> str:
    said = StringIO()
    call_command("vault", *words, stdout=said)
    return said.getvalue()


def test_the_operator_sees_and_adopts_another_storage(owner: User) -> None:
    assert "same" in ask("status")
    image = cast.submit(owner)
    replace_mark(None)
    with pytest.raises(CommandError, match="other"):
        ask("status")
    assert "adopted" in ask("adopt")
    assert read_mark() == VaultMark.objects.get().mark
    assert "same" in ask("status")
    assert sweep(image.purge_at).finished == 1


def test_adopting_takes_the_mark_that_is_there(db: None) -> None:
    ask("status")
    replace_mark("ffffffffffffffffffffffffffffffff")
    ask("adopt")
    assert VaultMark.objects.get().mark == "f" * 32 == read_mark()


def test_a_folder_whose_disk_is_not_mounted_is_another_storage(owner: User) -> None:
    sweep(database_now())
    if cast.on_s3():
        return
    image = cast.submit(owner)
    folder = Path(storages["vault"].location)  # type: ignore[attr-defined]
    elsewhere = folder.with_name("elsewhere")
    os.rename(folder, elsewhere)  # noqa: PTH104
    marks.forget()
    assert sweep(image.purge_at).finished == 0
    shutil.rmtree(folder, ignore_errors=True)
    os.rename(elsewhere, folder)  # noqa: PTH104
    assert sweep(image.purge_at).finished == 1
    assert cast.nothing_is_left()


@pytest.mark.parametrize("way", ["sweep", "by hand", "finish"])
def test_a_disk_that_goes_away_while_it_is_emptied_proves_nothing(
    owner: User, monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path, way: str
) -> None:
    """A moment ago it was this site's; then nothing is listed, and all of it is there."""
    folder, elsewhere = tmp_path / "disk", tmp_path / "elsewhere"
    settings.STORAGES = settings.STORAGES | {"vault": cast.new_folder(folder)}
    sweep(database_now())
    image = cast.submit(owner)

    def without_disk(real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any) -> Any:
            os.rename(folder, elsewhere)  # noqa: PTH104
            return real(*args)

        return step

    with monkeypatch.context() as going:
        step = "shred_prefix" if way == "finish" else "shred_many"
        going.setattr(erase, step, without_disk(getattr(erase, step)))
        if way == "sweep":
            assert sweep(image.purge_at).finished == 0
        elif way == "by hand":
            erase_images([image], by=cast.at_page(owner))
        else:
            erase.condemn(image, database_now(), None)
            assert not erase.finish(image, database_now())
    assert Image.objects.get().life == Life.ERASING
    assert not Receipt.objects.exists()
    shutil.rmtree(folder, ignore_errors=True)
    os.rename(elsewhere, folder)  # noqa: PTH104
    assert cast.stored_objects()
    assert sweep(image.purge_at + 2 * backoff.lease()).finished == 1
    assert cast.nothing_is_left()
