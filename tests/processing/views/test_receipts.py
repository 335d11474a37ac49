"""/receipts/: what was erased, for its owner alone, without a name anywhere."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils.html import escape

from accounts.models import User
from processing.access import home_of
from processing.models import Image, Life, Reason, Receipt, database_now
from processing.retention.certificates import certificate
from processing.retention.proof import check_certificate
from processing.retention.signing import signer
from processing.views import receipts as views
from processing.views.certificate import in_length
from processing.views.receipts import PAGE_RECEIPTS
from tests.cast import JSON, age, browser, count_queries, submit
from tests.processing.retention.paper import NOW, consent, erased, erasing

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def ids_shown(client: Any, query: str = "") -> list[str]:
    answer = client.get(f"/receipts/{query}", headers=JSON)
    assert answer.status_code == 200
    return [receipt["image"] for receipt in answer.json()["receipts"]]


def page(client: Any, address: str = "/receipts/", status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    text: str = response.content.decode()
    return text[text.index("<main") : text.index("</main>")]


def test_they_are_listed_newest_first(owner: User) -> None:
    written = erased(owner, 3)
    assert ids_shown(browser(owner)) == [str(one.image_id) for one in reversed(written)]
    shown = page(browser(owner))
    assert "3 receipts, newest first" in shown
    places = [shown.index(str(one.image_id)) for one in written]
    assert places == sorted(places, reverse=True)


def test_each_says_when_why_and_how_much(owner: User) -> None:
    erased(owner, reason=Reason.ASKED_FOR)
    shown = page(browser(owner))
    assert "4 March 2026, 05:06 UTC" in shown  # The script puts it into the reader's own zone.
    assert "Its owner erased it" in shown
    assert "123 kB" in shown
    assert "1 copy" in shown
    assert "readable for 19 h 30 min" in shown


def test_a_list_costs_the_same_however_long_it_is(owner: User) -> None:
    client = browser(owner)
    erased(owner, 2)
    page(client)  # The first page of a session costs more.
    few = count_queries(lambda: page(client))
    erased(owner, 20)
    assert count_queries(lambda: page(client)) == few


def test_it_goes_on_over_pages(owner: User) -> None:
    erased(owner, PAGE_RECEIPTS + 1, reason=Reason.ASKED_FOR)
    client = browser(owner)
    assert len(ids_shown(client)) == PAGE_RECEIPTS
    assert len(ids_shown(client, "?page=2")) == 1
    assert "?reason=asked_for&amp;page=2" in page(client, "/receipts/?reason=asked_for")
    told = client.get("/receipts/?page=2", headers=JSON).json()
    assert (told["page"], told["pages"], told["count"]) == (2, 2, PAGE_RECEIPTS + 1)


def test_the_filters(owner: User) -> None:
    early, late = (erased(owner, now=NOW + number * DAY)[0] for number in (0, 2))
    (asked,) = erased(owner, now=NOW + 4 * DAY, reason=Reason.ASKED_FOR)
    client = browser(owner)
    assert ids_shown(client, "?reason=asked_for") == [str(asked.image_id)]
    assert ids_shown(client, "?since=2026-03-06") == [str(asked.image_id), str(late.image_id)]
    assert ids_shown(client, "?until=2026-03-05") == [str(early.image_id)]
    assert ids_shown(client, "?since=2026-03-06&until=2026-03-06") == [str(late.image_id)]
    assert ids_shown(client, f"?image={str(late.image_id).upper()}") == [str(late.image_id)]
    assert ids_shown(client, "?reason=broken_off") == []
    assert len(ids_shown(client, "?since=0001-01-01&until=9999-12-31")) == 3


def test_a_filter_that_finds_nothing_says_so(owner: User) -> None:
    erased(owner)
    assert "No receipt fits" in page(browser(owner), "/receipts/?reason=downloaded")


@pytest.mark.parametrize("query", ["since=soon", "image=7", "reason=because", "until=2026-02-30"])
def test_a_filter_that_cannot_be_used_hides_nothing_silently(owner: User, query: str) -> None:
    erased(owner)
    client = browser(owner)
    shown = page(client, f"/receipts/?{query}", 400)
    assert "One of the filters cannot be used" in shown
    assert "field-error" in shown
    answer = client.get(f"/receipts/?{query}", headers=JSON)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


def test_without_any_the_page_explains(owner: User) -> None:
    shown = page(browser(owner))
    assert "No receipts yet" in shown
    assert "claim ticket" in shown
    assert "<form" not in shown  # Nothing to filter.


def test_nobody_sees_those_of_others(owner: User, outsider: User) -> None:
    (receipt,) = erased(owner)
    leaving = erasing(owner)
    stranger = browser(outsider)
    assert ids_shown(stranger) == []
    shown = page(stranger)
    for image_id in (receipt.image_id, leaving.pk):
        assert str(image_id) not in shown
        for address in (f"/receipts/{image_id}/", f"/receipts/{image_id}.json"):
            assert stranger.get(address).status_code == 404
    assert ids_shown(stranger, f"?image={receipt.image_id}") == []


def test_what_never_was_and_what_is_somebody_elses_get_the_same_answer(
    owner: User, outsider: User
) -> None:
    (receipt,) = erased(owner)
    stranger = browser(outsider)
    for ending in ("/", ".json"):
        theirs = stranger.get(f"/receipts/{receipt.image_id}{ending}", headers=JSON)
        never = stranger.get(f"/receipts/{uuid.uuid4()}{ending}", headers=JSON)
        assert (theirs.status_code, theirs.content) == (never.status_code, never.content)
        assert theirs.status_code == 404


def test_who_is_signed_out_is_led_to_sign_in_and_back(owner: User) -> None:
    (receipt,) = erased(owner)
    for address in ("/receipts/", f"/receipts/{receipt.image_id}/"):
        response = browser().get(address)
        assert response.status_code == 302
        assert response["Location"] == f"/accounts/login/?next={address.replace('/', '%2F')}"
        assert browser().get(address, headers=JSON).status_code == 401


def test_a_certificate_says_all_that_was_signed(owner: User) -> None:
    (receipt,) = erased(owner)
    shown = page(browser(owner), f"/receipts/{receipt.image_id}/")
    for value in (receipt.image_id, receipt.hash, receipt.previous_hash, receipt.key_id):
        assert str(value) in shown
    assert escape(receipt.signature) in shown
    for time in ("09:06:07", "04:06:07", "04:36:07", "05:06:07"):  # As in paper.described.
        assert f"<span>{time} UTC</span>" in shown
    assert "Original, as it was sent" in shown
    assert "7 objects found in the storage" in shown
    assert "Its time had come" in shown
    assert "http://testserver/receipts/verify/" in shown


def test_a_certificate_of_a_kept_image_says_until_when(owner: User) -> None:
    entry, ended = consent(owner, 1), NOW - timedelta(minutes=40)
    (receipt,) = erased(owner, withdrawn_at=ended, consent=entry, owner_consent=entry)
    shown = page(browser(owner), f"/receipts/{receipt.image_id}/")
    assert "No longer kept" in shown
    assert "station-kept" in shown
    assert "kept for training until 4 March" in page(browser(owner))


def test_what_never_arrived_whole_was_never_readable(owner: User) -> None:
    (receipt,) = erased(owner, reason=Reason.BROKEN_OFF, size=0)
    client = browser(owner)
    assert "never readable" in page(client)
    assert "never: it did not arrive whole" in page(client, f"/receipts/{receipt.image_id}/")


def test_a_deadline_that_was_still_to_come_is_no_past(owner: User) -> None:
    (receipt,) = erased(owner, purge_at=NOW + timedelta(hours=2), reason=Reason.ASKED_FOR)
    shown = page(browser(owner), f"/receipts/{receipt.image_id}/")
    assert "not needed" in shown
    assert shown.index("station-erased") < shown.index("station-due")


def test_the_json_is_the_certificate(owner: User) -> None:
    (receipt,) = erased(owner)
    client = browser(owner)
    saved = client.get(f"/receipts/{receipt.image_id}.json")
    assert saved["Content-Type"] == "application/json"
    assert saved.json() == certificate(receipt)
    assert client.get(f"/receipts/{receipt.image_id}/", headers=JSON).json() == saved.json()
    assert check_certificate(saved.json(), {signer().id: signer().public_key}).holds


def test_what_is_being_erased_right_now_is_on_top(owner: User) -> None:
    now = database_now()
    fields = {"received_at": now - 20 * timedelta(hours=1), "purge_at": now - timedelta(hours=1)}
    deleted = erasing(
        owner,
        erasing_since=now - timedelta(minutes=1),
        shredded_at=now,
        quiet_at=now + timedelta(minutes=3),
        **fields,
    )
    refused = erasing(owner, erasing_since=now, erase_tries=4, **fields)
    erased(owner)
    client = browser(owner)
    shown = page(client)
    assert shown.index("Being erased right now") < shown.index("newest first")
    assert str(deleted.pk) in shown
    assert str(refused.pk) in shown
    assert "final check <time" in shown
    assert "has refused to delete the bytes" in shown
    told = client.get("/receipts/", headers=JSON).json()["erasing"]
    assert {one["image"] for one in told} == {str(deleted.pk), str(refused.pk)}


def test_of_many_that_are_being_erased_the_first_are_shown_and_all_are_counted(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST_LEAVING", 3)
    for _ in range(5):
        erasing(owner)
    client = browser(owner)
    assert "And 2 more." in page(client)
    told = client.get("/receipts/", headers=JSON).json()
    assert (len(told["erasing"]), told["erasing_count"]) == (3, 5)


def test_what_is_due_counts_as_unreadable_with_the_sweeper_dead(owner: User) -> None:
    image = submit(owner, name="secret-cup.png")
    age(image, timedelta(hours=30))
    client = browser(owner)
    shown = page(client)
    assert str(image.pk) in shown
    assert "The next sweep destroys its key" in shown
    assert "secret-cup" not in shown
    told = client.get(f"/receipts/{image.pk}/", headers=JSON).json()
    assert told["state"] == "erasing"
    assert told["bytes_deleted_at"] is None


def test_an_image_being_erased_has_a_page_of_its_own(owner: User) -> None:
    now = database_now()
    image = erasing(owner, erasing_since=now, shredded_at=now, quiet_at=now + DAY)
    client = browser(owner)
    shown = page(client, f"/receipts/{image.pk}/")
    assert "Nobody can read this image any more." in shown
    assert "Not a receipt yet" in shown
    assert "then the receipt" in shown
    early = client.get(f"/receipts/{image.pk}.json", headers=JSON)
    assert (early.status_code, early.json()["error"]["code"]) == (404, "no_receipt_yet")


def test_an_image_that_is_alive_is_linked(owner: User) -> None:
    image = submit(owner)
    client = browser(owner)
    shown = page(client, f"/receipts/{image.pk}/")
    assert "This image is not erased yet" in shown
    assert f'href="/images/{image.pk}/"' in shown
    assert client.get(f"/receipts/{image.pk}/", headers=JSON).json()["state"] == "alive"
    early = client.get(f"/receipts/{image.pk}.json", headers=JSON)
    assert early.json()["error"]["code"] == "no_receipt_yet"


def test_what_is_still_arriving_is_neither(owner: User) -> None:
    image = submit(owner)
    Image.objects.filter(pk=image.pk).update(life=Life.RECEIVING)
    assert browser(owner).get(f"/receipts/{image.pk}/").status_code == 404
    assert "Being erased" not in page(browser(owner))


def test_who_left_a_workspace_sees_none_of_its_receipts(owner: User) -> None:
    (receipt,) = erased(owner)
    home_of(owner).members.clear()
    assert browser(owner).get(f"/receipts/{receipt.image_id}/").status_code == 404


def test_the_account_page_counts_them(owner: User) -> None:
    client = browser(owner)
    assert "No receipts yet" in page(client, "/account/")
    erased(owner, 2)
    shown = page(client, "/account/")
    assert "2 receipts" in shown
    assert 'href="/receipts/"' in shown


def test_a_receipt_holds_no_text_that_a_person_wrote() -> None:
    """A new column has to be looked at: of text only ids, hashes and words of lists."""
    texts = {
        field.name
        for field in Receipt._meta.get_fields()
        if field.get_internal_type() in {"CharField", "TextField", "JSONField", "BinaryField"}
    }
    assert texts == {"copies", "reason", "previous_hash", "hash", "signature"}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (61, "1 min 1 s"),
        (3600, "1 h"),
        (3659, "1 h"),
        (82_800 + 305, "23 h 5 min"),
        (86_400, "1 day"),
        (3 * 86_400 + 7200, "3 days 2 h"),
        (-5, "0 s"),
    ],
)
def test_lengths_of_time_in_words(seconds: int, words: str) -> None:
    assert in_length(timedelta(seconds=seconds)) == words
