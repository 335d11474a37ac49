"""/gallery/: all live images, page by page, and what somebody looks for, at a cost that does not
grow."""

import re
import uuid
from datetime import timedelta
from functools import partial
from typing import Any
from unittest.mock import Mock

import pytest
from django.test import Client

from accounts.models import User
from processing.flows import gallery as flow
from processing.flows.gallery import PAGE, Spot
from processing.flows.shorten import Shorter, shorten
from processing.flows.tags import tag
from processing.models import Image
from tests.cast import (
    age,
    at_page,
    browser,
    count_queries,
    fail,
    fill,
    finish,
    opt_in,
    start,
    start_worker,
    submit,
)


@pytest.fixture
def client(owner: User) -> Client:
    return browser(owner)


def ids_at(client: Client, address: str) -> list[str]:
    response: Any = client.get(address)
    assert response.status_code == 200
    return [card["id"] for card in response.context["cards"]]


def shown(client: Client, **asked: Any) -> set[str]:
    response: Any = client.get("/gallery/", asked)
    return {card["id"] for card in response.context["cards"]}


def ids(*images: Image) -> set[str]:
    return {str(image.pk) for image in images}


def walk(client: Client, address: str, way: str) -> list[list[str]]:
    """The ids of each page from an address on, following its links."""
    pages = []
    while address:
        response: Any = client.get(address)
        pages.append([card["id"] for card in response.context["cards"]])
        address = response.context[way] and f"/gallery/{response.context[way]}"
        assert len(pages) < 20
    return pages


def test_an_empty_gallery_says_what_will_be_here(client: Client) -> None:
    response = client.get("/gallery/")
    assert response.status_code == 200
    assert "24 hours" in response.content.decode()


def test_what_is_erased_before_its_time_makes_no_sentence_false(
    client: Client, owner: User
) -> None:
    submit(owner)
    assert "2 of these" not in client.get("/gallery/").content.decode()
    submit(owner)
    assert "2 of these images are still being made." in client.get("/gallery/").content.decode()
    client.post("/account/erase-all/")
    page = client.get("/gallery/").content.decode()
    assert "What you cut out is shown here until it is erased." in page
    assert "24 hours is shown here" not in page


def test_newest_first(client: Client, owner: User) -> None:
    images = [submit(owner) for _ in range(3)]
    age(images[0], timedelta(hours=2))
    age(images[1], timedelta(hours=1))
    assert ids_at(client, "/gallery/") == [str(image.pk) for image in reversed(images)]


def test_only_one_s_own(client: Client, owner: User, outsider: User) -> None:
    mine, theirs = submit(owner), submit(outsider)
    page = client.get("/gallery/").content.decode()
    assert str(mine.pk) in page
    assert str(theirs.pk) not in page


def test_a_done_image_shows_its_thumbnail(client: Client, owner: User) -> None:
    image = finish(submit(owner))
    assert f"/images/{image.pk}/thumbnail.webp" in client.get("/gallery/").content.decode()


def test_each_card_carries_the_moments_that_the_page_counts_down_to(
    client: Client, owner: User
) -> None:
    image = submit(owner)
    (card,) = client.get("/gallery/").context["cards"]
    assert (card["received_time"], card["purge_time"]) == (image.received_at, image.purge_at)


def test_a_thousand_images_cost_as_many_queries_as_one(client: Client, owner: User) -> None:
    """Session, user, device; images, their jobs, their blobs; the numbers; the workspaces, the tags
    and those opened; the batches; workers; the opt-in. Past the first page: is there a newer one.
    """
    key = fill(owner, 1)[0]
    tag(Image.objects.filter(pk=key), "shoes", at_page(owner))
    client.get("/gallery/")
    first = count_queries(lambda: client.get("/gallery/"))
    fill(owner, 999)
    tag(Image.objects.all()[:50], "shoes", at_page(owner))
    assert count_queries(lambda: client.get("/gallery/")) == first == 13
    oldest = Image.objects.order_by("received_at", "id")[PAGE]
    for address in (f"/gallery/?older={Spot.beside(oldest)}", "/gallery/?day=2026-01-01"):
        assert count_queries(partial(client.get, address)) <= first + 1
    assert len(ids_at(client, f"/gallery/?older={Spot.beside(oldest)}")) == PAGE


def test_a_part_costs_less(client: Client, owner: User) -> None:
    fill(owner, 50)
    client.get("/gallery/")
    assert count_queries(lambda: client.get("/gallery/?part=cards")) == 6


def test_every_image_is_on_exactly_one_page_there_and_back(client: Client, owner: User) -> None:
    made = {str(key) for key in fill(owner, 2 * PAGE + 7)}
    there = walk(client, "/gallery/", "older")
    assert [len(page) for page in there] == [PAGE, PAGE, 7]
    flat = [one for page in there for one in page]
    assert (len(flat), set(flat)) == (len(made), made)
    last = Image.objects.get(pk=there[-1][0])
    back = walk(client, f"/gallery/?newer={Spot.beside(last)}", "newer")
    assert back == [there[1], there[0]]


def test_images_of_the_same_moment_are_told_apart_by_their_ids(client: Client, owner: User) -> None:
    fill(owner, PAGE + 5)
    moment = Image.objects.earliest("received_at").received_at
    Image.objects.update(received_at=moment)
    pages = walk(client, "/gallery/", "older")
    assert [len(page) for page in pages] == [PAGE, 5]
    assert not set(pages[0]) & set(pages[1])


def test_what_comes_meanwhile_moves_no_page(client: Client, owner: User) -> None:
    fill(owner, PAGE + 5)
    before = walk(client, "/gallery/", "older")
    older = client.get("/gallery/").context["older"]
    submit(owner)
    assert ids_at(client, f"/gallery/{older}") == before[1]


def test_the_way_back_ends_at_the_first_page(client: Client, owner: User) -> None:
    fill(owner, PAGE + 5)
    third = Image.objects.order_by("-received_at")[3]
    response: Any = client.get(f"/gallery/?newer={Spot.beside(third)}")
    assert len(response.context["cards"]) == PAGE
    assert (bool(response.context["newer"]), bool(response.context["older"])) == (False, True)


@pytest.mark.parametrize(
    "query",
    [
        *("older=", "older=junk", "older=-1-" + "0" * 32, "older=99999999999999999-" + "f" * 32),
        *("newer=1", "older=1-xyz", "day=2026-13-40", "day=junk", "batch=junk", "show=junk"),
        *("day=0001-01-01&zone=840", "day=9999-12-31"),
        *("zone=junk&day=", "name=%00", "name=%20", "tag=%20", "page=7", "part=junk"),
    ],
)
def test_what_is_no_choice_is_none(client: Client, owner: User, query: str) -> None:
    image = submit(owner)
    assert ids_at(client, f"/gallery/?{query}") == [str(image.pk)]


def test_only_the_cards_for_a_page_that_goes_on(client: Client, owner: User) -> None:
    fill(owner, PAGE + 1)
    part = client.get("/gallery/?part=cards").content.decode()
    assert part.count("data-card ") == PAGE
    assert "<html" not in part
    assert 'rel="next"' in part


def test_by_state(client: Client, owner: User) -> None:
    failed = submit(owner)
    fail(failed, "decode_failed")
    done, running, waiting = finish(submit(owner)), start(submit(owner)).image, submit(owner)
    assert shown(client, show="failed") == ids(failed)
    assert shown(client, show="done") == ids(done)
    assert shown(client, show="running") == ids(running)
    assert shown(client, show="waiting") == ids(waiting)


def test_by_what_becomes_of_it(client: Client, owner: User) -> None:
    submit(owner)
    once = submit(owner)
    shorten(once, Shorter(after_download=True), at_page(owner))
    opt_in(owner)
    kept = submit(owner)
    assert shown(client, show="once") == ids(once)
    assert shown(client, show="kept") == ids(kept)


def test_by_the_reader_s_day(client: Client, owner: User) -> None:
    opt_in(owner)
    late, early = submit(owner), submit(owner)
    today = late.received_at.replace(hour=0, minute=0, second=0, microsecond=0)
    day = today - timedelta(days=2)
    for image, at in ((late, day + timedelta(hours=23)), (early, day + timedelta(hours=2))):
        age(image, image.received_at - at)
    asked = f"{day:%Y-%m-%d}"
    assert shown(client, day=asked) == ids(late, early)
    assert shown(client, day=asked, zone=180) == ids(early), "east of here it was tomorrow"
    assert shown(client, day=asked, zone=-180) == ids(late), "west of here it was yesterday"
    assert shown(client, day=asked, zone=9_999) == ids(late, early)
    assert shown(client, day="2020-01-01") == set()


def test_by_drop(client: Client, owner: User) -> None:
    batch = uuid.uuid4()
    two = [submit(owner, batch=batch) for _ in range(2)]
    submit(owner)
    assert shown(client, batch=batch) == ids(*two)
    (choice,) = client.get("/gallery/").context["batches"]
    assert (choice["number"], choice["address"]) == (2, f"?batch={batch}")
    assert choice["at"] == two[1].received_at


def test_by_tag_whatever_its_case(client: Client, owner: User) -> None:
    one, _ = submit(owner), submit(owner)
    tag([one], "Été à la mer", at_page(owner))
    assert shown(client, tag="été à LA mer") == ids(one)
    assert shown(client, tag="e\u0301te\u0301  à la mer") == ids(one)
    assert shown(client, tag="été") == set()
    (choice,) = client.get("/gallery/").context["tags"]
    assert choice["words"] == "Été à la mer"


def test_a_tag_is_found_under_every_epoch_and_only_in_one_s_own_workspace(
    client: Client, owner: User, outsider: User
) -> None:
    one, two, theirs = submit(owner), submit(owner), submit(outsider)
    shorten(two, Shorter(life=timedelta(hours=1)), at_page(owner))
    for image in (one, two, theirs):
        image.refresh_from_db()
        tag([image], "shoes", at_page(owner))
    assert one.epoch != two.epoch
    assert shown(client, tag="shoes") == ids(one, two)


def test_by_words_of_the_name(client: Client, owner: User) -> None:
    cup = submit(owner, name="Blue Cup.PNG")
    straight = submit(owner, name="Straße blau.png")
    submit(owner, name="plate.png")
    assert shown(client, name="cup") == ids(cup)
    assert shown(client, name="png  blue") == ids(cup)
    assert shown(client, name="STRASSE") == ids(straight)
    assert shown(client, name="blue plate") == set()
    assert shown(client, name=".png") == shown(client)


def test_names_are_opened_some_at_a_time_and_the_next_page_goes_on(
    client: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = submit(owner, name="cup.png"), submit(owner, name="cup.png")
    others = [submit(owner, name="plate.png") for _ in range(4)]
    for hours, image in enumerate([new, *others, old]):
        age(image, timedelta(hours=hours))
    old.refresh_from_db()
    monkeypatch.setattr(flow, "LOOKED", 2)
    pages = walk(client, "/gallery/?name=cup", "older")
    assert pages == [[str(new.pk)], [], [str(old.pk)]]
    back = walk(client, f"/gallery/?name=cup&newer={Spot.beside(old)}", "newer")
    assert back == [[], [], [str(new.pk)]]
    assert "None of those looked at so far" in client.get("/gallery/?name=spoon").content.decode()
    monkeypatch.setattr(flow, "LOOKED", 6)
    assert walk(client, "/gallery/?name=cup", "older") == [[str(new.pk), str(old.pk)]]
    assert "looked at so far" not in client.get("/gallery/?name=spoon").content.decode()


def test_no_more_names_are_opened_than_fill_a_page(
    client: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(owner, 3 * PAGE)
    opened = Mock(return_value=True)
    monkeypatch.setattr(flow, "_has", opened)
    response: Any = client.get("/gallery/?name=photo")
    assert len(response.context["cards"]) == PAGE
    assert opened.call_count == PAGE + 1


def test_all_of_it_together_page_by_page(client: Client, owner: User) -> None:
    fill(owner, 2 * PAGE + 3)
    tag(Image.objects.all(), "shoes", at_page(owner))
    pages = walk(client, "/gallery/?show=done&tag=shoes&name=photo", "older")
    assert [len(page) for page in pages] == [PAGE, PAGE, 3]
    assert len({one for page in pages for one in page}) == 2 * PAGE + 3


def test_what_is_in_force_is_said_and_can_be_taken_away(client: Client, owner: User) -> None:
    submit(owner)
    response: Any = client.get("/gallery/?show=failed&name=a+cup&day=2026-03-04&zone=60")
    page = response.content.decode()
    assert [one["words"] for one in response.context["filters"]] == [
        *("Not cut out", "4 March", "“a cup”"),
    ]
    assert [one["without"] for one in response.context["filters"]] == [
        "?day=2026-03-04&zone=60&name=a+cup",
        "?show=failed&name=a+cup",
        "?show=failed&day=2026-03-04&zone=60",
    ]
    assert "No image fits" in page
    assert 'href="/gallery/">Show all images' in page


def test_words_of_a_person_stay_words(client: Client, owner: User) -> None:
    image = submit(owner)
    tag([image], '<b>"x&y</b>', at_page(owner))
    for address in ("/gallery/?tag=%3Cb%3E%22x%26y%3C/b%3E", f"/images/{image.pk}/"):
        page = client.get(address).content.decode()
        assert "<b>" not in page
        assert "&lt;b&gt;&quot;x&amp;y&lt;/b&gt;" in page


def test_it_says_when_no_worker_runs(client: Client, owner: User) -> None:
    submit(owner)
    hidden = re.compile(r'data-notice="worker"\s+hidden')
    assert not hidden.search(client.get("/gallery/").content.decode())
    start_worker()
    assert hidden.search(client.get("/gallery/").content.decode())
