"""/shares/: the owner's pages and JSON about links."""

import re
import uuid
from base64 import b64decode
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from processing.flows import share as flow
from processing.models import Image, Share, database_now
from tests.cast import JSON, age, at_page, browser, count_queries, finish, submit
from tests.links import fetch, share, somebody, take

PAGE = {"Accept": "text/html"}
# What a browser sends of the form with nothing changed but the password.
FORM: dict[str, Any] = {
    "expires": "1h",
    "password": "swordfish",
    "downloads": "5",
    "erase_after_last": "off",
    "format": ["", "png"],
    "size": ["", "full", "hd"],
    "names": "off",
    "originals": ["off", "on"],
}


@pytest.fixture
def image(owner: User) -> Image:
    return finish(submit(owner, name="lamp.png"))


@pytest.fixture
def client(owner: User) -> Client:
    return browser(owner)


def make(client: Client, *images: Image, headers: dict[str, str] = JSON, **fields: Any) -> Any:
    body = {"id": [str(one.pk) for one in images], **fields}
    return client.post("/shares/", body, headers=headers)


def test_a_form_makes_a_link_whose_address_opens(client: Client, image: Image) -> None:
    response = make(client, image, headers=PAGE, **FORM)
    page = response.content.decode()
    assert response.status_code == 201
    told = re.search(r'value="http://testserver/s/([\w-]{32})/"', page)
    assert told
    made = Share.objects.get()
    assert (made.download_limit, made.formats, made.sizes) == (5, ["png"], ["full", "hd"])
    assert (made.names, made.originals, made.erase_after_last) == (False, True, False)
    assert made.expires_at - made.created_at == timedelta(hours=1)
    assert b"has a password" in somebody().get(f"/s/{told[1]}/").content
    assert told[1] not in client.get(f"/shares/{made.pk}/").content.decode()
    assert told[1] not in client.get("/shares/").content.decode()


def test_the_address_is_drawn_for_a_camera(client: Client, image: Image) -> None:
    page = make(client, image, headers=PAGE, **FORM).content.decode()
    drawn = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', page)
    assert drawn
    svg = b64decode(drawn[1]).decode()
    assert svg.count("<path") == 1
    assert "script" not in svg


def test_programs_get_the_address_and_the_link(client: Client, image: Image) -> None:
    body = make(client, image).json()
    made = Share.objects.get()
    assert somebody().get(body["url"]).status_code == 200
    assert body["share"] == {
        "id": str(made.pk),
        "url": f"/shares/{made.pk}/",
        "state": "open",
        "images": 1,
        "created_at": iso(made.created_at),
        "ends_at": iso(made.expires_at),
        "downloads": 0,
        "download_limit": None,
        "password": False,
        "formats": ["png", "webp", "jpg"],
        "sizes": ["full"],
        "originals": False,
        "names": False,
        "erase_after_last": False,
    }
    assert client.get("/shares/", headers=JSON).json() == {"shares": [body["share"]], "pages": 1}


def iso(moment: Any) -> str:
    return str(moment.isoformat(timespec="milliseconds")).replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"expires": "23h"}, "bad_share"),
        ({"expires": "x" * 4096}, "bad_share"),
        ({"downloads": "3"}, "bad_share"),
        ({"downloads": "-1"}, "bad_share"),
        ({"password": "short"}, "bad_share"),
        ({"password": "x" * 4096}, "bad_share"),
        ({"format": "gif"}, "bad_share"),
        ({"format": ""}, "bad_share"),
        ({"format": ["png", "x" * 4096]}, "bad_share"),
        ({"size": ["full", "50mp"]}, "bad_share"),
        ({"originals": "perhaps"}, "bad_share"),
        ({"erase_after_last": "on"}, "bad_share"),
        ({"id": "x" * 4096}, "not_found"),
        ({"id": ""}, "not_found"),
    ],
    ids=lambda one: str(one)[:40],
)
def test_what_cannot_be_is_refused_and_makes_nothing(
    client: Client, image: Image, fields: dict[str, Any], code: str
) -> None:
    refused = make(client, image, **fields).json()["error"]
    assert refused["code"] == code
    assert len(refused["message"]) < 120
    assert not Share.objects.exists()


def test_a_life_beyond_the_images_is_refused(client: Client, image: Image) -> None:
    age(image, timedelta(hours=18))
    assert make(client, image, expires="6h").json()["error"]["code"] == "share_too_long"
    assert make(client, image, expires="1h").status_code == 201


def test_somebody_else_s_image_is_one_that_never_was(
    client: Client, image: Image, outsider: User
) -> None:
    theirs = finish(submit(outsider))
    refused = make(client, image, theirs)
    assert refused.status_code == 404
    never = client.post("/shares/", {"id": str(uuid.uuid4())}, headers=JSON)
    assert (never.status_code, never.content) == (404, refused.content)
    for page in ("get", "post"):
        response = getattr(client, page)("/shares/new/", {"id": str(theirs.pk)})
        assert response.status_code == 404


def test_the_form_offers_only_what_ends_before_the_images(client: Client, image: Image) -> None:
    def offered() -> list[str]:
        page = client.get("/shares/new/", {"id": str(image.pk)}).content.decode()
        return re.findall(r'name="expires" value="(\w+)"', page)

    assert offered() == ["1h", "6h", "erased"]
    age(image, timedelta(hours=18))
    assert offered() == ["1h", "erased"]
    age(image, timedelta(hours=22, minutes=30))
    assert offered() == ["erased"]


def test_the_form_leaves_out_what_is_not_cut_out(client: Client, owner: User, image: Image) -> None:
    waiting = submit(owner)
    ids = [str(image.pk), str(waiting.pk)]
    page = client.post("/shares/new/", {"id": ids}).content.decode()
    assert "1 image is not cut out" in page
    assert f'name="id" value="{image.pk}"' in page
    assert f'name="id" value="{waiting.pk}"' not in page
    alone = client.post("/shares/new/", {"id": ids[1]}, headers=JSON)
    assert (alone.status_code, alone.json()["error"]["code"]) == (409, "not_cut_out")


def test_a_form_that_is_refused_comes_back_as_it_was_filled_in(
    client: Client, image: Image
) -> None:
    wrong = FORM | {"downloads": "none", "erase_after_last": ["off", "on"]}
    response = make(client, image, headers=PAGE, **wrong)
    page = response.content.decode()
    assert response.status_code == 400
    assert "Without a limit no download is the last one." in page
    assert f'name="id" value="{image.pk}"' in page
    for name, value in (("expires", "1h"), ("originals", "on"), ("erase_after_last", "on")):
        assert re.search(rf'name="{name}" value="{value}" checked', page), name
    assert "swordfish" not in page


def test_a_link_is_changed_by_its_form(client: Client, owner: User, image: Image) -> None:
    made = share(owner, image, password="swordfish", download_limit=5).share
    form = FORM | {"expires": "", "password": "", "downloads": "20", "names": ["off", "on"]}
    response = client.post(f"/shares/{made.pk}/", form)
    assert (response.status_code, response["Location"]) == (302, f"/shares/{made.pk}/")
    after = Share.objects.get()
    assert (after.download_limit, after.names, after.originals) == (20, True, True)
    assert (after.password_hash, after.expires_at) == (made.password_hash, made.expires_at)
    client.post(f"/shares/{made.pk}/", {"no_password": "on", "expires": "1h"})
    after.refresh_from_db()
    assert after.password_hash == ""
    assert after.expires_at < database_now() + timedelta(hours=1)


def test_the_form_of_a_link_leaves_its_end_as_it_is(
    client: Client, owner: User, image: Image
) -> None:
    made = share(owner, image, life=timedelta(hours=1)).share
    page = client.get(f"/shares/{made.pk}/").content.decode()
    assert re.findall(r'name="expires" value="(\w*)"( checked)?', page)[0] == ("", " checked")
    sent = client.post(f"/shares/{made.pk}/", FORM | {"expires": "", "password": ""})
    after = Share.objects.get()
    assert sent.status_code == 302
    assert (after.expires_at, after.download_limit) == (made.expires_at, 5)


def test_extending_beyond_the_bound_is_refused_with_the_reason(
    client: Client, owner: User, image: Image
) -> None:
    made = share(owner, image).share
    age(image, timedelta(hours=18))
    address = f"/shares/{made.pk}/"
    refused = client.post(address, {"expires": "6h"}, headers=JSON)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "share_too_long")
    page = client.post(address, {"expires": "6h"})
    assert page.status_code == 400
    assert b"One of the images is erased before that." in page.content
    assert Share.objects.get().expires_at == made.expires_at


def test_pausing_opening_again_and_ending(client: Client, owner: User, image: Image) -> None:
    made = share(owner, image)
    address = f"/shares/{made.share.pk}/"
    expected = [("pause", "paused", 410), ("resume", "open", 200), ("revoke", "revoked", 410)]
    for act, state, status in expected:
        answer = client.post(f"{address}{act}/", headers=JSON).json()
        assert answer["state"] == state
        assert somebody().get(f"/s/{made.token}/").status_code == status
    ended = client.post(f"{address}resume/", headers=JSON)
    assert (ended.status_code, ended.json()["error"]["code"]) == (409, "share_ended")
    assert b"End it now" not in client.get(address).content


def test_a_new_address_is_told_once_and_the_old_one_is_gone(
    client: Client, owner: User, image: Image
) -> None:
    made = share(owner, image)
    address = f"/shares/{made.share.pk}/renew/"
    again = client.post(address, headers=JSON).json()["url"]
    assert somebody().get(f"/s/{made.token}/").status_code == 410
    assert somebody().get(again).status_code == 200
    page = client.post(address)
    assert page.status_code == 200
    assert somebody().get(again).status_code == 410


def test_the_owner_sees_who_came_and_an_outsider_nothing(
    client: Client, owner: User, outsider: User, image: Image
) -> None:
    made = share(owner, image, download_limit=5)
    visitor = Client(REMOTE_ADDR="198.51.100.7")
    visitor.get(f"/s/{made.token}/")
    fetch(visitor, take(visitor, made.token).json()["url"])
    body = client.get(f"/shares/{made.share.pk}/", headers=JSON).json()
    assert body["downloads"] == 1
    visits = [(one["action"], one["by"], one["network"], one["detail"]) for one in body["visits"]]
    assert visits == [
        ("share.downloaded", "visitor", "198.51.100.0/24", "png full"),
        ("share.viewed", "visitor", "198.51.100.0/24", ""),
        ("share.created", "you", "203.0.113.0/24", ""),
    ]
    page = client.get(f"/shares/{made.share.pk}/").content.decode()
    assert "Downloaded through a link: PNG, full size" in page
    taken = page[page.index("Downloaded through") :]
    assert f'href="/images/{image.pk}/"' in taken, "and which image it was"
    assert "from the network 198.51.100.0/24" in page
    assert "1 of 5 downloads" in page or "1 of 5 download" in page
    assert browser(outsider).get(f"/shares/{made.share.pk}/").status_code == 404
    assert browser(outsider).get("/shares/", headers=JSON).json()["shares"] == []


def test_every_state_is_told(client: Client, owner: User) -> None:
    def state_of(made: flow.Made) -> str:
        return str(client.get(f"/shares/{made.share.pk}/", headers=JSON).json()["state"])

    used, over, due = (share(owner, download_limit=1), share(owner), share(owner))
    Share.objects.filter(pk=used.share.pk).update(downloads=1)
    began = over.share.created_at - timedelta(hours=2)
    Share.objects.filter(pk=over.share.pk).update(created_at=began, expires_at=database_now())
    age(due.share.items.get().image, timedelta(hours=23))
    assert [state_of(one) for one in (used, over, due)] == ["used_up", "ended", "ended"]
    assert client.get("/shares/").status_code == 200


def test_links_of_many_images_and_many_links_cost_the_same(client: Client, owner: User) -> None:
    images = [finish(submit(owner)) for _ in range(6)]
    share(owner, *images)
    client.get("/shares/")
    few = count_queries(lambda: client.get("/shares/"))
    for _ in range(5):
        share(owner, *images)
    assert count_queries(lambda: client.get("/shares/")) == few


def test_the_gallery_and_an_image_lead_to_the_form(client: Client, image: Image) -> None:
    assert b'formaction="/shares/new/"' in client.get("/gallery/").content
    assert f"/shares/new/?id={image.pk}" in client.get(f"/images/{image.pk}/").content.decode()


def test_a_forged_form_changes_nothing(owner: User, image: Image) -> None:
    made = share(owner, image).share
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    for path in ("", f"{made.pk}/", f"{made.pk}/revoke/", f"{made.pk}/renew/"):
        assert client.post(f"/shares/{path}", {"id": str(image.pk)}).status_code == 403
    assert Share.objects.get().revoked_at is None


def test_a_visitor_needs_no_token_against_forged_forms(owner: User, image: Image) -> None:
    made = share(owner, image)
    client = Client(enforce_csrf_checks=True)
    assert take(client, made.token).status_code == 201


def test_the_owner_may_open_it_too(client: Client, owner: User, image: Image) -> None:
    made = share(owner, image)
    assert client.get(f"/s/{made.token}/").status_code == 200
    flow.revoke(owner, made.share.pk, at_page(owner))
    assert client.get(f"/s/{made.token}/").status_code == 410
