"""Tags: a person's own words on images, few on each, found whatever their case."""

import unicodedata
from datetime import timedelta

import pytest
from pytest_django import Settings

from accounts.models import AuditEntry, User
from processing.access import images_of, workspaces_of
from processing.errors import BadTag, TooManyTags
from processing.flows import tags as flow
from processing.flows.erase import erase_images
from processing.flows.tags import latest_words, read_word, tag, untag, with_tag, words_of
from processing.models import Image, Tag
from processing.retention.rotation import rotate
from processing.storage import destroy_grant, digests_alive
from tests.cast import age, at_page, opt_in, opt_out, submit


@pytest.fixture
def image(owner: User) -> Image:
    return submit(owner)


def found(user: User, word: str) -> set[Image]:
    return set(with_tag(images_of(user), word, workspaces_of(user)))


def test_a_word_is_put_on_and_taken_off(owner: User, image: Image) -> None:
    other = submit(owner)
    assert set(tag([image, other], "Summer", at_page(owner)).done) == {image.pk, other.pk}
    tag([image], "shoes", at_page(owner))
    assert words_of(image) == ["shoes", "Summer"]
    untag([image], "SUMMER", at_page(owner))
    assert (words_of(image), words_of(other)) == (["shoes"], ["Summer"])


@pytest.mark.parametrize("again", ["Summer", "summer", "SUMMER"])
def test_twice_is_once(owner: User, image: Image, again: str) -> None:
    tag([image], "Summer", at_page(owner))
    assert tag([image], again, at_page(owner)).done == [image.pk]
    assert words_of(image) == ["Summer"]
    assert AuditEntry.objects.filter(action="image.tagged").count() == 1


def test_it_is_noted_without_the_word(owner: User, image: Image) -> None:
    tag([image], "Summer", at_page(owner))
    untag([image], "Summer", at_page(owner))
    untag([image], "Summer", at_page(owner))
    entries = AuditEntry.objects.filter(action="image.tagged").order_by("pk")
    assert [(entry.image_id, entry.detail) for entry in entries] == [
        (image.pk, "added"),
        (image.pk, "removed"),
    ]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("  to \t do\n", "to do"),
        ("e\u0301te\u0301", "\u00e9t\u00e9"),
        ("x" * 40, "x" * 40),
        ("\U0001f45f", "\U0001f45f"),
    ],
)
def test_a_word_is_read_as_it_is_kept(text: str, word: str) -> None:
    assert read_word(text) == word
    assert unicodedata.is_normalized("NFC", read_word(text))


@pytest.mark.parametrize("text", ["", " \n", "x" * 41, "a\x00b", "right\u202eto left", "\ud800"])
def test_what_is_no_word_is_refused(text: str) -> None:
    with pytest.raises(BadTag):
        read_word(text)


def test_an_image_has_so_many(owner: User, image: Image) -> None:
    other = submit(owner)
    for number in range(flow.MOST):
        tag([image], f"word {number}", at_page(owner))
    with pytest.raises(TooManyTags):
        tag([image], "one more", at_page(owner))
    assert len(words_of(image)) == flow.MOST
    tagged = tag([image, other], "one more", at_page(owner))
    assert (tagged.done, tagged.full) == ([other.pk], [image.pk])
    assert tag([image], "WORD 3", at_page(owner)).done == [image.pk], "it has that one"


def test_what_is_due_or_erased_takes_no_tag(owner: User, image: Image) -> None:
    erased = submit(owner)
    erase_images([erased], at_page(owner))
    age(image, timedelta(hours=23))
    assert tag([image, erased], "late", at_page(owner)).done == []
    assert not Tag.objects.exists()


def test_many_are_tagged_batch_by_batch(
    owner: User, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "BATCH", 2)
    images = [image, *(submit(owner) for _ in range(4))]
    assert len(tag(images, "many", at_page(owner)).done) == 5
    assert found(owner, "MANY") == set(images)


def test_it_is_found_in_one_s_own_workspace_alone(
    owner: User, outsider: User, image: Image
) -> None:
    theirs = submit(outsider)
    tag([image], "shoes", at_page(owner))
    tag([theirs], "shoes", at_page(outsider))
    assert (found(owner, "shoes"), found(outsider, "shoes")) == ({image}, {theirs})
    digests = set(Tag.objects.values_list("digest", flat=True))
    assert len(digests) == 2, "the same word tells nothing across workspaces"


def test_of_what_is_kept_it_is_found_past_its_time_until_the_opt_in_ends(owner: User) -> None:
    opt_in(owner)
    image = submit(owner)
    tag([image], "kept", at_page(owner))
    age(image, timedelta(days=40))
    Tag.objects.update(digest=None)  # As if its epoch's key were gone, which nobody waits for.
    assert found(owner, "kept") == {image}
    assert words_of(image) == ["kept"]
    opt_out(owner)
    destroy_grant(image.grants[0])
    assert digests_alive("kept", image.workspace_id.bytes, [image.grants]) == (
        digests_alive("kept", image.workspace_id.bytes, [])
    )


def test_the_tags_that_were_given_last_are_offered_each_once(owner: User, outsider: User) -> None:
    images = [submit(owner) for _ in range(3)]
    for word in ("Shoes", "shoes", "bags"):
        tag(images, word, at_page(owner))
    tag([submit(outsider)], "theirs", at_page(outsider))
    assert latest_words(owner) == ["bags", "Shoes"]
    age(images[0], timedelta(hours=23))
    assert latest_words(owner) == ["bags", "Shoes"]
    erase_images(images, at_page(owner))
    assert latest_words(owner) == []


def test_they_are_found_under_a_new_master_key(
    owner: User, image: Image, settings: Settings
) -> None:
    tag([image], "shoes", at_page(owner))
    old = settings.MASTER_KEY
    settings.MASTER_KEY, settings.OLD_MASTER_KEY = "a new one" * 8, old
    assert found(owner, "shoes") == {image}, "before the keys are wrapped again"
    rotate()
    settings.OLD_MASTER_KEY = ""
    assert found(owner, "shoes") == {image}
    assert words_of(image) == ["shoes"]
