"""What is left of an upload in parts once it is whole."""

import pytest

from accounts.models import User
from processing.models import PART, Arrival, Blob, Image, Life, database_now
from processing.retention import parts
from processing.storage import BlobWriter, shred_blob
from tests import cast


def arrived(owner: User, *, life: str = Life.LIVE) -> Image:
    """Live, with two parts that no longer count, and a sealing that broke off."""
    image = cast.submit(owner)
    for generation, kind in ((1, PART), (2, PART), (3, "original")):
        with BlobWriter(image.open_key(), image.prefix, generation, kind) as writer:
            writer.write(b"a part")
        Blob.objects.create(image=image, kind=kind, generation=generation)
    Arrival.objects.create(image=image, size=12, heard_at=database_now())
    Image.objects.filter(pk=image.pk).update(life=life)
    return image


def places(image: Image) -> list[tuple[str, int]]:
    return list(
        Blob.objects.filter(image=image).order_by("generation").values_list("kind", "generation")
    )


def test_of_a_whole_upload_the_original_alone_stays(owner: User) -> None:
    image, other = arrived(owner), arrived(owner)
    parts.clear(image)
    assert places(image) == [("original", 0)]
    assert [name for name in cast.stored_objects() if image.prefix in name] == [
        f"{image.prefix[:2]}/{image.prefix}/0/original"
    ]
    assert [one.image_id for one in Arrival.objects.all()] == [other.pk]
    assert len(places(other)) == 4
    parts.clear(image)  # Twice is once.
    assert places(image) == [("original", 0)]


def test_what_a_job_has_reserved_is_left_to_it(owner: User) -> None:
    image = arrived(owner)
    Blob.objects.create(image=image, kind="preview.webp", generation=1)
    parts.clear(image)
    assert places(image) == [("original", 0), ("preview.webp", 1)]


def test_the_rows_stay_until_the_bytes_are_gone(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = arrived(owner)
    monkeypatch.setattr(parts, "shred_blob", lambda *place: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        parts.clear(image)
    assert len(places(image)) == 4
    assert Arrival.objects.exists()


def test_every_live_one_is_cleared_whatever_becomes_of_another(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.submit(owner)  # In one piece: nothing is left over of it.
    images = [arrived(owner) for _ in range(3)]
    broken = images[1].prefix

    def shred(prefix: str, generation: int, kind: str) -> None:
        assert prefix != broken
        shred_blob(prefix, generation, kind)

    monkeypatch.setattr(parts, "shred_blob", shred)
    assert parts.clear_left_over() == 3
    assert [one.image_id for one in Arrival.objects.all()] == [images[1].pk]
    assert [len(places(image)) for image in images] == [1, 4, 1]


def test_what_is_still_arriving_keeps_its_parts(owner: User) -> None:
    image = arrived(owner, life=Life.RECEIVING)
    assert parts.clear_left_over() == 0
    assert len(places(image)) == 4
