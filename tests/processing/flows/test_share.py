"""Links: made, changed, extended within their bound, paused, ended, given a new address."""

import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import check_password, identify_hasher
from pytest_django import Settings

from accounts.models import AuditEntry, User, Workspace
from processing.errors import BadShare, NotCutOut, ShareEnded, ShareTooLong, TooManyShares
from processing.flows import share as flow
from processing.flows.shorten import Shorter, shorten_from_now
from processing.models import Image, Share, ShareItem, database_now
from processing.retention.shares import forget_old_shares, latest_end
from tests.cast import age, at_page, fill, finish, make_user, opt_in, submit
from tests.links import share
from tests.processing.threads import at_once

HOUR = timedelta(hours=1)


@pytest.fixture
def image(owner: User) -> Image:
    return finish(submit(owner))


def acts(owner: User) -> list[tuple[str, str]]:
    entries = AuditEntry.objects.filter(owner=owner, share_id__isnull=False).order_by("pk")
    return list(entries.values_list("action", "detail"))


def test_only_a_hash_of_the_address_is_stored_and_no_two_are_alike(
    owner: User, image: Image
) -> None:
    made, other = share(owner, image), share(owner, image)
    assert len(made.token) * 6 >= 128  # Six bits in each of base64's letters.
    assert made.token != other.token
    row = Share.objects.filter(pk=made.share.pk).values().get()
    assert made.token not in str(row)
    assert row["token_hash"] == flow.hash_of(made.token)


def test_a_password_is_stored_as_argon2(owner: User, image: Image, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    stored = share(owner, image, password="swordfish").share.password_hash
    assert identify_hasher(stored).algorithm == "argon2"
    assert check_password("swordfish", stored)


def test_images_keep_the_order_in_which_they_were_chosen(owner: User) -> None:
    images = [finish(submit(owner)) for _ in range(3)]
    chosen = [images[2], images[0], images[1]]
    made = share(owner, *chosen, chosen[0])
    items = ShareItem.objects.filter(share=made.share).order_by("place")
    assert [(item.place, item.image_id) for item in items] == [
        (place, one.pk) for place, one in enumerate(chosen, start=1)
    ]


def test_somebody_else_s_image_is_one_that_never_was(
    owner: User, outsider: User, image: Image
) -> None:
    theirs = finish(submit(outsider))
    for ids in ([theirs.pk], [image.pk, theirs.pk], [uuid.uuid4()]):
        with pytest.raises(Image.DoesNotExist):
            flow.create(owner, ids, {}, at_page(owner))
    assert not Share.objects.exists()


def test_images_of_two_workspaces_are_not_shared_together(
    owner: User, outsider: User, image: Image
) -> None:
    other = Workspace.objects.create(owner=outsider)
    other.members.add(owner, outsider)
    there = finish(submit(owner, workspace=other))
    with pytest.raises(BadShare):
        share(owner, image, there)


def test_what_is_not_cut_out_is_not_shared(owner: User, image: Image) -> None:
    with pytest.raises(NotCutOut):
        share(owner, image, submit(owner))


def test_so_many_images_and_no_more(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "MOST_IMAGES", 2)
    ids = fill(owner, 3)
    for wrong in ([], ids):
        with pytest.raises(BadShare):
            flow.create(owner, wrong, {}, at_page(owner))
    flow.create(owner, ids[:2], {}, at_page(owner))


def test_so_many_links_and_no_more_and_ended_ones_make_room(
    owner: User, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "MOST_SHARES", 2)
    first, _ = share(owner, image), share(owner, image)
    with pytest.raises(TooManyShares):
        share(owner, image)
    flow.revoke(owner, first.share.pk, at_page(owner))
    share(owner, image)


@pytest.mark.django_db(transaction=True)
def test_of_those_that_are_made_at_one_moment_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    owner = make_user("olivia@example.org")
    images = [finish(submit(owner)) for _ in range(4)]
    monkeypatch.setattr(flow, "MOST_SHARES", 1)

    def make(image: Image) -> bool:
        try:
            share(owner, image)
        except TooManyShares:
            return False
        return True

    for _ in range(5):
        assert sum(at_once(*[lambda image=one: make(image) for one in images])) == 1
        assert Share.objects.filter(revoked_at=None).count() == 1
        Share.objects.update(revoked_at=database_now())


def test_it_ends_with_the_first_of_its_images(owner: User, image: Image) -> None:
    older = finish(submit(owner))
    age(older, 5 * HOUR)
    older.refresh_from_db()
    assert share(owner, image, older).share.expires_at == older.purge_at


@pytest.mark.parametrize("hours", [1, 6])
def test_it_ends_when_it_was_asked_to(owner: User, image: Image, hours: int) -> None:
    made = share(owner, image, life=hours * HOUR).share
    assert made.expires_at == made.created_at + hours * HOUR


def test_a_life_beyond_its_images_is_refused(owner: User, image: Image) -> None:
    age(image, 18 * HOUR)
    with pytest.raises(ShareTooLong):
        share(owner, image, life=6 * HOUR)
    assert share(owner, image, life=HOUR).share.expires_at < database_now() + HOUR


def test_a_link_to_what_is_kept_ends_as_if_it_were_not(owner: User) -> None:
    opt_in(owner)
    image = finish(submit(owner))
    assert image.kept
    age(image, timedelta(days=30))
    made = share(owner, image).share
    assert made.expires_at == made.created_at + timedelta(hours=23)
    with pytest.raises(ShareTooLong):
        later = made.created_at - 22 * HOUR - timedelta(minutes=30)
        Share.objects.filter(pk=made.pk).update(created_at=later)
        flow.change(owner, made.pk, {"life": HOUR}, at_page(owner))


def test_a_shorter_life_of_an_image_shortens_its_links_and_no_others(
    owner: User, image: Image
) -> None:
    other = finish(submit(owner))
    both, brief = share(owner, image, other).share, share(owner, image, life=HOUR).share
    apart = share(owner, other).share
    image.refresh_from_db()
    shorten_from_now(image, Shorter(2 * HOUR), at_page(owner))
    image.refresh_from_db()
    ends = {one.pk: one.expires_at for one in Share.objects.all()}
    assert ends == {
        both.pk: image.purge_at,
        brief.pk: brief.expires_at,
        apart.pk: apart.expires_at,
    }


def test_extending_counts_from_now_and_never_goes_beyond_the_images(
    owner: User, image: Image
) -> None:
    made = share(owner, image, life=HOUR).share
    extended = flow.change(owner, made.pk, {"life": 6 * HOUR}, at_page(owner))
    assert 6 * HOUR <= extended.expires_at - made.created_at < 6 * HOUR + timedelta(minutes=1)
    image.refresh_from_db()
    whole = flow.change(owner, made.pk, {"life": None}, at_page(owner))
    assert whole.expires_at == image.purge_at
    age(image, 20 * HOUR)
    with pytest.raises(ShareTooLong):
        flow.change(owner, made.pk, {"life": 6 * HOUR}, at_page(owner))
    assert Share.objects.get().expires_at == whole.expires_at


def test_what_is_not_named_stays_as_it_is(owner: User, image: Image) -> None:
    made = share(owner, image, password="swordfish", download_limit=5, originals=True).share
    changed = flow.change(owner, made.pk, {"sizes": ["hd"]}, at_page(owner))
    assert changed.sizes == ["hd"]
    same = ("password_hash", "download_limit", "originals", "formats", "expires_at", "token_hash")
    assert all(getattr(changed, name) == getattr(made, name) for name in same)
    without = flow.change(owner, made.pk, {"password": ""}, at_page(owner))
    assert without.password_hash == ""


def test_a_limit_is_never_below_what_was_taken(owner: User, image: Image) -> None:
    made = share(owner, image, download_limit=20).share
    Share.objects.filter(pk=made.pk).update(downloads=6)
    with pytest.raises(BadShare):
        flow.change(owner, made.pk, {"download_limit": 5}, at_page(owner))
    assert flow.change(owner, made.pk, {"download_limit": 100}, at_page(owner)).downloads == 6


def test_erasing_after_the_last_download_needs_a_last_one(owner: User, image: Image) -> None:
    with pytest.raises(BadShare):
        share(owner, image, erase_after_last=True)
    made = share(owner, image, erase_after_last=True, download_limit=1).share
    with pytest.raises(BadShare):
        flow.change(owner, made.pk, {"download_limit": None}, at_page(owner))


def test_pausing_and_going_on_and_ending_are_noted_once_each(owner: User, image: Image) -> None:
    made, by = share(owner, image).share, at_page(owner)
    for act in (flow.pause, flow.pause, flow.resume, flow.resume, flow.revoke, flow.revoke):
        act(owner, made.pk, by)
    assert acts(owner) == [
        ("share.created", ""),
        ("share.paused", ""),
        ("share.changed", "resumed"),
        ("share.revoked", ""),
    ]


def test_what_has_ended_stays_ended(owner: User, image: Image) -> None:
    by, ended, revoked = at_page(owner), share(owner, image).share, share(owner, image).share
    Share.objects.filter(pk=ended.pk).update(
        expires_at=database_now(), created_at=image.received_at
    )
    flow.revoke(owner, revoked.pk, by)
    for one in (ended, revoked):
        for act in (flow.pause, flow.resume, flow.renew):
            with pytest.raises(ShareEnded):
                act(owner, one.pk, by)
        with pytest.raises(ShareEnded):
            flow.change(owner, one.pk, {"life": HOUR}, by)


def test_a_link_whose_images_are_being_erased_is_not_changed(owner: User, image: Image) -> None:
    made = share(owner, image).share
    Image.objects.filter(pk=image.pk).update(purge_at=database_now())
    with pytest.raises(ShareEnded):
        flow.change(owner, made.pk, {"originals": True}, at_page(owner))


def test_a_new_address_replaces_the_old_one(owner: User, image: Image) -> None:
    made = share(owner, image)
    again = flow.renew(owner, made.share.pk, at_page(owner))
    assert again.share.pk == made.share.pk
    assert again.token != made.token
    assert Share.objects.get().token_hash == flow.hash_of(again.token)


def test_an_outsider_changes_nothing(owner: User, outsider: User, image: Image) -> None:
    made, by = share(owner, image).share, at_page(outsider)
    for act in (flow.pause, flow.resume, flow.revoke, flow.renew):
        with pytest.raises(Share.DoesNotExist):
            act(outsider, made.pk, by)
    with pytest.raises(Share.DoesNotExist):
        flow.change(outsider, made.pk, {}, by)


def test_links_to_what_is_kept_are_forgotten_a_day_after_their_end(owner: User) -> None:
    opt_in(owner)
    image = finish(submit(owner))
    share(owner, image)
    now = database_now()
    assert forget_old_shares(now + timedelta(hours=46)) == 0
    assert forget_old_shares(now + timedelta(hours=48)) == 1
    assert not Share.objects.exists()
    assert not ShareItem.objects.exists()


def test_the_bound_is_the_earliest_deadline(owner: User) -> None:
    images = [finish(submit(owner)) for _ in range(2)]
    age(images[1], HOUR)
    images[1].refresh_from_db()
    assert latest_end(images, database_now()) == images[1].purge_at
