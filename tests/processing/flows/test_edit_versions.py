"""Versions on top of versions: saved twice, in two tabs, gone back to; nothing is destroyed."""

from typing import Any

import pytest

from accounts.models import AuditEntry
from processing.engine.errors import BadOption
from processing.errors import NotReady, VersionConflict
from processing.flows.edit import OWN, Wanted, choose, save
from processing.jobs import editing, results, run
from processing.models import Edit, Image
from processing.storage import stored_names
from tests import cast, photos
from tests.processing.flows.versions import ERASED, image, jobs, make, opened, plain, put, saved
from tests.processing.jobs.conftest import warm

__all__ = ["image", "warm"]


def test_saved_twice_it_is_one_version(image: Image) -> None:
    first = saved(image, ERASED, base=0, bg_color="white")
    again = saved(image, ERASED, base=0, bg_color="#ffffff")
    assert again == first
    assert len(jobs()) == Edit.objects.count() == 1
    assert image.blobs.filter(kind__endswith="strokes.json").count() == 1


def test_saved_twice_at_once_it_is_one_version(image: Image, monkeypatch: Any) -> None:
    """The other one is recorded between this one's first look and its last."""
    store, earlier = results.store, []

    def store_late(*args: Any) -> None:
        store(*args)
        monkeypatch.setattr(results, "store", store)
        earlier.append(saved(image, ERASED, base=0))

    monkeypatch.setattr(results, "store", store_late)
    assert saved(image, ERASED, base=0) == earlier[0]
    assert len(jobs()) == Edit.objects.count() == 1
    assert image.blobs.filter(kind__endswith="strokes.json").count() == 1
    assert sum("strokes" in name for name in stored_names(image.prefix)) == 1


def test_of_two_tabs_the_later_is_told_and_saves_on_top(image: Image) -> None:
    saved(image, ERASED, base=0)
    with pytest.raises(VersionConflict):
        saved(image, "[]", base=0, bg_color="white")
    assert Edit.objects.count() == 1
    assert saved(image, "[]", base=1, bg_color="white").number == 2


def on_top(image: Image, base: int, keeps: int | None) -> Edit:
    """Without strokes and picture of its own, with a picture behind it."""
    wanted = Wanted({"bg_image": OWN}, base=base, keeps=keeps)
    return save(image, wanted, cast.at_page(image.uploaded_by))


def test_on_top_of_another_it_keeps_what_it_was_made_from(image: Image) -> None:
    """Another tab has put another picture behind it meanwhile, and taken the strokes away."""
    put(image, plain((255, 0, 0)))
    saved(image, ERASED, bg_image=OWN)
    blue = Wanted({}, strokes="[]", picture=plain((0, 0, 255)))
    save(image, blue, cast.at_page(image.uploaded_by))
    with pytest.raises(VersionConflict):
        on_top(image, base=2, keeps=2)
    mine = on_top(image, base=3, keeps=2)
    assert (mine.number, mine.base, mine.strokes, mine.picture) == (4, 3, 2, 1)
    assert on_top(image, base=3, keeps=2) == mine, "sent twice it is one version"
    for _ in range(4):
        make(image)
    shown = opened(image, "v4.cutout.png").convert("RGB")
    assert image.version == 4
    assert shown.getpixel((2, 2)) == shown.getpixel((100, 75)) == (255, 0, 0)


def test_what_it_was_made_from_tells_two_versions_apart(image: Image) -> None:
    put(image, plain((255, 0, 0)))
    put(image, plain((0, 0, 255)))
    first = on_top(image, base=2, keeps=1)
    Image.objects.update(head=2)
    assert (first.picture, on_top(image, base=2, keeps=None).picture) == (1, 2)


def test_it_keeps_its_picture_on_a_version_that_has_none(image: Image) -> None:
    put(image, photos.draw(30, 30))
    choose(image, 0, cast.at_page(image.uploaded_by))
    assert on_top(image, base=0, keeps=1).picture == 1


@pytest.mark.parametrize("keeps", [7, -1])
def test_what_is_no_version_is_kept_by_none(image: Image, keeps: int) -> None:
    with pytest.raises(BadOption):
        save(image, Wanted({}, base=0, keeps=keeps), cast.at_page(image.uploaded_by))
    assert not Edit.objects.exists()


def test_a_tab_that_is_overtaken_while_it_stores_leaves_nothing(
    image: Image, monkeypatch: Any
) -> None:
    store = results.store

    def store_late(*args: Any) -> None:
        store(*args)
        saved(image, base=0, bg_color="white")

    monkeypatch.setattr(results, "store", store_late)
    with pytest.raises(VersionConflict):
        saved(image, ERASED, base=0)
    assert [job.output for job in jobs()] == ["v2"]
    assert not any("strokes" in name for name in stored_names(image.prefix))
    assert not image.blobs.filter(kind__endswith="strokes.json").exists()


def test_one_can_go_back_to_any_version_and_forward(image: Image) -> None:
    by = cast.at_page(image.uploaded_by)
    saved(image, ERASED)
    with pytest.raises(NotReady):
        choose(image, 1, by)
    make(image)
    choose(image, 0, by)
    image.refresh_from_db()
    assert (image.head, image.version) == (0, 0)
    choose(image, 1, by)
    image.refresh_from_db()
    assert (image.head, image.version) == (1, 1)
    with pytest.raises(Image.DoesNotExist):
        choose(image, 7, by)
    details = AuditEntry.objects.filter(action="image.edited").values_list("detail", flat=True)
    assert list(details) == ["version 1", "version 0", "version 1"]


def test_a_version_that_was_left_is_taken_up_again(image: Image) -> None:
    saved(image, ERASED, base=0)
    make(image)
    choose(image, 0, cast.at_page(image.uploaded_by))
    assert saved(image, ERASED, base=0).number == 1
    image.refresh_from_db()
    assert (image.head, image.version) == (1, 1)


def test_a_version_that_is_made_late_is_not_put_before_a_later_one(image: Image) -> None:
    saved(image, ERASED)
    first = cast._claim(image)
    saved(image, bg_color="white")
    make(image)
    assert image.version == 2
    editing.edit_and_store(first, cast.Quiet(), run._read)
    image.refresh_from_db()
    assert image.version == 2
