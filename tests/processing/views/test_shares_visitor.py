"""/s/<token>/: what somebody with a link sees, and that everything else looks the same."""

import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, User
from processing.flows import share as flow
from processing.flows.erase import erase_images
from processing.flows.share import Made
from processing.models import Image, Share, database_now
from tests.cast import JSON, age, at_page, browser, finish, submit
from tests.links import share, somebody, take

PHOTO = "Olivia's secret lamp.png"


@pytest.fixture
def image(owner: User) -> Image:
    return finish(submit(owner, name=PHOTO))


@pytest.fixture
def made(owner: User, image: Image) -> Made:
    return share(owner, image)


def seen(client: Client, token: str, path: str = "", **more: Any) -> Any:
    return client.get(f"/s/{token}/{path}", **more)


def test_a_page_without_account_shows_the_images_and_not_whose_they_are(
    owner: User, made: Made
) -> None:
    response = seen(somebody(), made.token)
    page = response.content.decode()
    assert response.status_code == 200
    assert f"/s/{made.token}/1/preview.webp" in page
    for secret in (PHOTO, "Olivia", "lamp", owner.email, str(owner.pk), str(made.share.pk)):
        assert secret not in page
    assert str(made.share.items.get().image_id) not in page


def test_names_are_shown_where_the_owner_says_so(owner: User, image: Image) -> None:
    page = seen(somebody(), share(owner, image, names=True).token).content.decode()
    assert "Olivia&#x27;s secret lamp" in page


def test_it_is_found_by_no_search_engine_and_no_preview_and_told_to_nobody(made: Made) -> None:
    for path in ("", "state", "1/preview.webp"):
        response = seen(somebody(), made.token, path)
        assert response["X-Robots-Tag"] == "noindex, nofollow, noarchive"
        assert response["Referrer-Policy"] == "no-referrer"
        assert response["Cache-Control"] == "private, no-store"
        assert not response.cookies
    page = seen(somebody(), made.token).content.decode()
    assert '<meta name="robots" content="noindex' in page
    assert not re.search(r"og:|twitter:|https?://(?!www\.w3\.org)", page)


def test_the_preview_is_the_cutout_s(image: Image, made: Made) -> None:
    response = seen(somebody(), made.token, "1/preview.webp")
    content = b"".join(response.streaming_content)
    assert (response["Content-Type"], content[:4], content[8:12]) == (
        "image/webp",
        b"RIFF",
        b"WEBP",
    )
    assert response["Content-Length"] == str(len(content))


def test_programs_read_the_same(image: Image, made: Made) -> None:
    body = seen(somebody(), made.token, headers=JSON).json()
    assert body.pop("images") == [
        {
            "place": 1,
            "name": "",
            "width": image.width,
            "height": image.height,
            "preview": f"/s/{made.token}/1/preview.webp",
        }
    ]
    ends = made.share.expires_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert body == {
        "formats": ["png", "webp", "jpg"],
        "sizes": ["full"],
        "originals": False,
        "downloads_left": None,
        "ends_at": ends,
    }


def test_only_what_the_link_gives_out_is_taken(owner: User, image: Image) -> None:
    token = share(owner, image, formats=["png"], sizes=["full", "hd"]).token
    for wrong in (
        {"format": "webp"},
        {"format": "zip"},
        {"format": "original"},
        {"size": "medium"},
    ):
        response = take(somebody(), token, **wrong)
        assert (response.status_code, response.json()["error"]["code"]) == (400, "bad_share")
    for place in (2, "-1", "x", "1" * 4000):
        assert take(somebody(), token, place).status_code == 410
    assert Share.objects.get().downloads == 0
    assert take(somebody(), token).status_code == 201


@pytest.mark.parametrize(
    ("language", "formats", "sentence"),
    [
        ("en", ["png", "webp", "jpg"], "This link gives out png, webp or jpg. Choose one of them."),
        ("de", ["png", "webp", "jpg"], "Dieser Link gibt png, webp oder jpg heraus."),
        ("de", ["png"], "Dieser Link gibt png heraus."),
    ],
)
def test_whose_page_is_older_than_the_terms_is_told_in_their_language_what_there_is(
    owner: User, image: Image, language: str, formats: list[str], sentence: str
) -> None:
    token = share(owner, image, formats=formats).token
    headers = {"Accept-Language": language}
    response = somebody().post(f"/s/{token}/take/", {"place": 1, "format": "avif"}, headers=headers)
    assert response.status_code == 400
    assert sentence in response.content.decode()


End = Callable[[User, Made], object]


def revoke(owner: User, made: Made) -> None:
    flow.revoke(owner, made.share.pk, at_page(owner))


def pause(owner: User, made: Made) -> None:
    flow.pause(owner, made.share.pk, at_page(owner))


def renew(owner: User, made: Made) -> None:
    flow.renew(owner, made.share.pk, at_page(owner))


def end(owner: User, made: Made) -> None:
    began = made.share.created_at - timedelta(hours=2)
    Share.objects.update(created_at=began, expires_at=database_now())


def use_up(owner: User, made: Made) -> None:
    Share.objects.update(download_limit=1, downloads=1)


def erase(owner: User, made: Made) -> None:
    images = Image.objects.select_related("workspace__owner")
    erase_images(images, at_page(owner))
    assert not Share.objects.exists()


def let_time_pass(owner: User, made: Made) -> None:
    """The image is due, and the sweeper has been dead for a week."""
    age(Image.objects.get(), timedelta(hours=23))


def shut_out(owner: User, made: Made) -> None:
    User.objects.update(is_active=False)


ENDS: tuple[End, ...] = (revoke, pause, renew, end, use_up, erase, let_time_pass, shut_out)
ADDRESSES = ("", "state", "1/preview.webp", "2/preview.webp", f"get/{uuid.uuid4()}/")


@pytest.mark.parametrize("finish_it", ENDS, ids=lambda one: one.__name__)
@pytest.mark.parametrize("headers", [{}, JSON], ids=["page", "json"])
def test_after_each_kind_of_end_it_is_the_same_as_a_link_that_never_was(
    owner: User, made: Made, finish_it: End, headers: dict[str, str]
) -> None:
    finish_it(owner, made)
    client = somebody()
    for path in ADDRESSES:
        ended = seen(client, made.token, path, headers=headers)
        never = seen(client, "never", path, headers=headers)
        assert (ended.status_code, ended.content) == (410, never.content)
        assert ended.headers == never.headers
        assert b"no longer exist" in ended.content
    for path in ("take/", "unlock/"):
        ended = client.post(f"/s/{made.token}/{path}", {"place": 1}, headers=headers)
        never = client.post(f"/s/never/{path}", {"place": 1}, headers=headers)
        assert (ended.status_code, ended.content) == (410, never.content)


def test_gone_is_the_same_for_its_owner_and_reveals_nothing(owner: User, made: Made) -> None:
    pause(owner, made)
    theirs, anybodys = seen(browser(owner), made.token), seen(somebody(), made.token)
    assert theirs.content == anybodys.content
    page = anybodys.content.decode()
    assert "csrf" not in page
    assert "<img" not in page
    assert made.token not in page


@pytest.mark.parametrize("token", ["x" * 4000, "%00", "é" * 50, "..", "%F0%9F%92%A9", "a b"])
def test_whatever_stands_in_the_address_is_gone(db: None, token: str) -> None:
    assert seen(somebody(), token).status_code == 410


def test_one_image_of_several_goes_and_the_others_stay(owner: User, image: Image) -> None:
    other = finish(submit(owner))
    made = share(owner, image, other)
    erase_images(
        Image.objects.filter(pk=image.pk).select_related("workspace__owner"), at_page(owner)
    )
    client = somebody()
    assert seen(client, made.token, "state").json()["places"] == [2]
    assert seen(client, made.token, "1/preview.webp").status_code == 410
    assert seen(client, made.token, "2/preview.webp").status_code == 200


def test_the_state_tells_the_earliest_end_whatever_the_row_says(owner: User, image: Image) -> None:
    made = share(owner, image)
    age(image, timedelta(hours=3))
    image.refresh_from_db()
    told = seen(somebody(), made.token, "state").json()["ends_at"]
    assert told == image.purge_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_every_network_s_view_is_in_the_owner_s_log_without_its_machine(
    owner: User, made: Made
) -> None:
    for last in (7, 8, 9):
        seen(Client(REMOTE_ADDR=f"198.51.100.{last}"), made.token)
    seen(Client(REMOTE_ADDR="203.0.113.5"), made.token)
    seen(browser(owner), made.token)
    somebody().head(f"/s/{made.token}/")
    views = AuditEntry.objects.filter(action="share.viewed").order_by("pk")
    assert list(views.values_list("address", "actor", "via", "share_id")) == [
        ("198.51.100.0/24", None, "link", made.share.pk),
        ("203.0.113.0/24", None, "link", made.share.pk),
        ("127.0.0.0/24", owner.pk, "page", made.share.pk),
    ]


def test_a_stranger_who_is_signed_in_is_not_named(owner: User, outsider: User, made: Made) -> None:
    assert seen(browser(outsider), made.token).status_code == 200
    take(browser(outsider), made.token)
    entries = AuditEntry.objects.filter(share_id=made.share.pk, via="link")
    assert {entry.action for entry in entries} == {"share.viewed", "share.downloaded"}
    assert all(entry.actor is None for entry in entries)


def test_the_time_of_the_page_is_the_server_s(made: Made) -> None:
    page = seen(somebody(), made.token).content.decode()
    told = re.search(r'data-server-time="([^"]+)"', page)
    assert told
    assert abs(datetime.fromisoformat(told[1]) - timezone.now()) < timedelta(minutes=1)
