"""Who gets what at every address: the owner, an outsider, a visitor, and past the deadline.

The list holds every route of the site. A new one has to be written here before it can be merged.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import User
from processing.flows.share import hash_of
from processing.models import Image, Share
from tests.cast import JSON, age, browser, finish_with_renderings, submit
from tests.links import share

TOKEN = "a-secret-that-these-tests-know"


@dataclass(frozen=True)
class Route:
    """Statuses as JSON; `late` is the owner's once the image is due."""

    method: str
    path: str
    owner: int
    outsider: int
    visitor: int
    late: int


OF_THE_WEBP = "format=webp&size=original"  # The options of cutout.webp.
ROUTES: dict[str, tuple[Route, ...]] = {
    "healthz": (Route("GET", "/healthz", 200, 200, 200, 200),),
    "readyz": (Route("GET", "/readyz", 200, 200, 200, 200),),
    "metrics": (Route("GET", "/metrics", 200, 200, 200, 200),),
    "staff": (Route("GET", "/staff/", 404, 404, 404, 404),),
    "staff-image": (Route("GET", "/staff/images/{id}/", 404, 404, 404, 404),),
    "staff-image-open": (Route("POST", "/staff/images/{id}/open/", 404, 404, 404, 404),),
    "staff-image-content": (Route("GET", "/staff/images/{id}/preview.webp", 404, 404, 404, 404),),
    "set_language": (Route("POST", "/language/", 204, 204, 204, 204),),
    "account": (Route("GET", "/account/", 200, 200, 302, 200),),
    "device-sign-out": (Route("POST", "/account/devices/1/sign-out/", 302, 302, 302, 302),),
    "training": (
        Route("GET", "/account/training/", 200, 200, 302, 200),
        Route("POST", "/account/training/", 409, 409, 302, 409),  # Without a wording.
    ),
    "training-off": (Route("POST", "/account/training/off/", 302, 302, 302, 302),),
    "training-history": (Route("GET", "/account/training/history/", 200, 200, 302, 200),),
    "training-history-json": (Route("GET", "/account/training/history.json", 200, 200, 302, 200),),
    "activity": (Route("GET", "/account/activity/?image={id}", 200, 200, 302, 200),),
    "activity-csv": (Route("GET", "/account/activity.csv?image={id}", 200, 200, 302, 200),),
    "activity-json": (Route("GET", "/account/activity.json?image={id}", 200, 200, 302, 200),),
    "studio": (Route("GET", "/", 200, 200, 200, 200),),
    "gallery": (Route("GET", "/gallery/", 200, 200, 401, 200),),
    "images": (
        Route("GET", "/images/?ids={id}", 200, 200, 401, 200),
        Route("POST", "/images/", 400, 400, 401, 400),
    ),
    "uploads": (Route("POST", "/uploads/", 400, 400, 401, 400),),
    "upload": (
        Route("GET", "/uploads/{id}/", 200, 404, 401, 404),
        Route("HEAD", "/uploads/{id}/", 200, 404, 401, 404),
        Route("DELETE", "/uploads/{id}/", 204, 404, 401, 404),
    ),
    "upload-part": (Route("PUT", "/uploads/{id}/0", 409, 404, 401, 404),),
    "upload-finish": (Route("POST", "/uploads/{id}/finish", 201, 404, 401, 404),),
    "images-download": (
        Route("POST", "/images/download/", 404, 404, 401, 404),  # Without an id.
    ),
    "images-tags": (Route("POST", "/images/tags/", 400, 400, 401, 400),),  # Without a word.
    "images-erase": (Route("POST", "/images/erase/", 200, 200, 401, 200),),
    "image": (
        Route("GET", "/images/{id}/", 200, 404, 401, 404),
        Route("HEAD", "/images/{id}/", 200, 404, 401, 404),
        Route("DELETE", "/images/{id}/", 204, 404, 401, 404),
    ),
    "image-erase": (Route("POST", "/images/{id}/erase/", 204, 404, 401, 404),),
    "image-ticket": (Route("POST", "/images/{id}/ticket/", 200, 404, 401, 404),),
    "receipts": (Route("GET", "/receipts/", 200, 200, 401, 200),),
    "receipts-verify": (
        Route("GET", "/receipts/verify/", 200, 200, 200, 200),
        Route("POST", "/receipts/verify/", 400, 400, 400, 400),
    ),
    "receipts-keys": (Route("GET", "/receipts/keys.json", 200, 200, 200, 200),),
    "receipts-head": (Route("GET", "/receipts/head.json", 200, 200, 200, 200),),
    "receipt": (Route("GET", "/receipts/{id}/", 200, 404, 401, 200),),
    "receipt-json": (Route("GET", "/receipts/{id}.json", 404, 404, 401, 404),),
    "shares": (
        Route("GET", "/shares/", 200, 200, 401, 200),
        Route("POST", "/shares/", 400, 400, 401, 400),
    ),
    "share-new": (Route("GET", "/shares/new/?id={id}", 200, 404, 401, 404),),
    "share": (
        Route("GET", "/shares/{share}/", 200, 404, 401, 200),
        Route("POST", "/shares/{share}/", 200, 404, 401, 409),
    ),
    "share-pause": (Route("POST", "/shares/{share}/pause/", 200, 404, 401, 200),),
    "share-resume": (Route("POST", "/shares/{share}/resume/", 200, 404, 401, 200),),
    "share-revoke": (Route("POST", "/shares/{share}/revoke/", 200, 404, 401, 200),),
    "share-renew": (Route("POST", "/shares/{share}/renew/", 200, 404, 401, 200),),
    "shared": (Route("GET", "/s/{token}/", 200, 200, 200, 410),),
    "shared-state": (Route("GET", "/s/{token}/state", 200, 200, 200, 410),),
    "shared-preview": (Route("GET", "/s/{token}/1/preview.webp", 200, 200, 200, 410),),
    "shared-unlock": (Route("POST", "/s/{token}/unlock/", 204, 204, 204, 410),),
    "shared-language": (Route("POST", "/s/{token}/language/", 303, 303, 303, 303),),
    "shared-language-below": (Route("POST", "/s/{token}/take/language/", 303, 303, 303, 303),),
    "shared-take": (Route("POST", "/s/{token}/take/", 410, 410, 410, 410),),
    "shared-download": (Route("GET", "/s/{token}/get/{id}/", 410, 410, 410, 410),),
    "image-shorten": (Route("POST", "/images/{id}/shorten/", 400, 404, 401, 404),),
    "privacy": (Route("GET", "/privacy/", 200, 200, 200, 200),),
    "privacy-json": (Route("GET", "/privacy.json", 200, 200, 200, 200),),
    "account-retention": (Route("POST", "/account/retention/", 302, 302, 401, 302),),
    "account-erase-all": (Route("GET", "/account/erase-all/", 200, 200, 401, 200),),
    "account-data": (
        Route("GET", "/account/data/", 200, 200, 401, 200),
        Route("POST", "/account/data/", 200, 200, 401, 200),
    ),
    "account-close": (Route("GET", "/account/close/", 302, 302, 401, 302),),
    "account-closed": (Route("GET", "/account/closed/", 200, 200, 200, 200),),
    "account-closed-receipts": (Route("GET", "/account/closed/receipts.json", 404, 404, 404, 404),),
    "image-render": (
        Route("GET", f"/images/{{id}}/render?{OF_THE_WEBP}", 200, 404, 401, 404),
        Route("POST", "/images/{id}/render", 202, 404, 401, 404),
    ),
    "image-render-state": (Route("GET", "/images/{id}/render/cutout.webp/", 200, 404, 401, 404),),
    "image-edit": (
        Route("GET", "/images/{id}/edit/", 200, 404, 401, 404),
        Route("POST", "/images/{id}/edit/", 400, 404, 401, 404),
    ),
    "image-version": (
        Route("GET", "/images/{id}/edits/0/", 200, 404, 401, 404),
        Route("POST", "/images/{id}/edits/0/", 200, 404, 401, 404),
    ),
    "image-version-file": tuple(
        Route("GET", f"/images/{{id}}/edits/0/{file}", 200, 404, 401, 404)
        for file in ("preview.webp", "thumbnail.webp", "mask.png", "cutout.png")
    ),
    "images-edit": (Route("POST", "/images/edit/", 400, 400, 401, 400),),
    "images-edit-new": (Route("GET", "/images/edit/new/?id={id}", 200, 404, 401, 404),),
    "image-content": tuple(
        Route("GET", f"/images/{{id}}/{file}", 200, 404, 401, 404)
        for file in (
            "original",
            "preview.webp",
            "thumbnail.webp",
            "cutout.png",
            "cutout.webp",
            "cutout.jpg",
            "mask.png",
        )
    ),
}

# allauth's pages: what a person who is signed in gets, and a visitor. 302 leads to sign-in or on.
ACCOUNT_PAGES: dict[str, tuple[str, int, int]] = {
    "account_login": ("/accounts/login/", 302, 200),
    "account_logout": ("/accounts/logout/", 200, 302),
    "account_confirm_login_code": ("/accounts/login/code/confirm/", 302, 302),
    "account_inactive": ("/accounts/inactive/", 200, 200),
    "account_signup": ("/accounts/signup/", 302, 200),
    "account_reauthenticate": ("/accounts/reauthenticate/", 200, 302),
    "account_email": ("/accounts/email/", 200, 302),
    "account_email_verification_sent": ("/accounts/confirm-email/", 200, 200),
    "account_confirm_email": ("/accounts/confirm-email/junk/", 200, 200),
    "account_change_password": ("/accounts/password/change/", 200, 302),
    "account_set_password": ("/accounts/password/set/", 302, 302),
    "account_reset_password": ("/accounts/password/reset/", 200, 200),
    "account_reset_password_done": ("/accounts/password/reset/done/", 200, 200),
    "account_reset_password_from_key": ("/accounts/password/reset/key/1-junk/", 200, 200),
    "account_reset_password_from_key_done": ("/accounts/password/reset/key/done/", 200, 200),
    "mfa_index": ("/accounts/2fa/", 200, 302),
    "mfa_authenticate": ("/accounts/2fa/authenticate/", 302, 302),
    "mfa_reauthenticate": ("/accounts/2fa/reauthenticate/", 302, 302),
    "mfa_activate_totp": ("/accounts/2fa/totp/activate/", 302, 302),
    "mfa_deactivate_totp": ("/accounts/2fa/totp/deactivate/", 404, 302),
    "mfa_view_recovery_codes": ("/accounts/2fa/recovery-codes/", 404, 302),
    "mfa_generate_recovery_codes": ("/accounts/2fa/recovery-codes/generate/", 302, 302),
    "mfa_download_recovery_codes": ("/accounts/2fa/recovery-codes/download/", 404, 302),
    "mfa_list_webauthn": ("/accounts/2fa/webauthn/", 200, 302),
    "mfa_add_webauthn": ("/accounts/2fa/webauthn/add/", 302, 302),
    "mfa_reauthenticate_webauthn": ("/accounts/2fa/webauthn/reauthenticate/", 302, 302),
    "mfa_remove_webauthn": ("/accounts/2fa/webauthn/keys/1/remove/", 302, 302),
    "mfa_edit_webauthn": ("/accounts/2fa/webauthn/keys/1/edit/", 302, 302),
    "mfa_login_webauthn": ("/accounts/2fa/webauthn/login/", 302, 302),
    "usersessions_list": ("/accounts/sessions/", 200, 302),
}


def walk(patterns: list[Any]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns)
        else:
            assert isinstance(pattern, URLPattern)
            assert pattern.name, f"{pattern} has no name"
            yield pattern.name


def test_every_route_is_listed_here() -> None:
    assert set(walk(get_resolver().url_patterns)) == set(ROUTES) | set(ACCOUNT_PAGES)


def ask(route: Route, image: Image, client: Any) -> Any:
    path = address(route, image.pk, Share.objects.get().pk)
    return client.generic(route.method, path, headers=JSON)


def address(route: Route, image_id: uuid.UUID, share_id: uuid.UUID) -> str:
    return route.path.format(id=image_id, share=share_id, token=TOKEN)


@pytest.fixture
def image(owner: User) -> Image:
    """With a link to it, whose secret is known here."""
    found = finish_with_renderings(submit(owner))
    share(owner, found)
    Share.objects.update(token_hash=hash_of(TOKEN))
    return found


EVERY = [route for routes in ROUTES.values() for route in routes]


def name(route: Route) -> str:
    return f"{route.method} {route.path}"


@pytest.mark.parametrize("route", EVERY, ids=name)
def test_the_owner_gets_in(route: Route, owner: User, image: Image) -> None:
    assert ask(route, image, browser(owner)).status_code == route.owner


@pytest.mark.parametrize("route", EVERY, ids=name)
def test_an_outsider_learns_nothing(route: Route, outsider: User, image: Image) -> None:
    response = ask(route, image, browser(outsider))
    assert response.status_code == route.outsider
    if response.status_code == 404:
        never = address(route, uuid.uuid4(), uuid.uuid4())
        unknown = browser(outsider).generic(route.method, never, headers=JSON)
        assert (unknown.status_code, unknown.content) == (404, response.content)
        quiet = {"Content-Type", "Content-Length", "Cache-Control", "Vary"}
        assert {key: unknown.headers.get(key) for key in quiet} == {
            key: response.headers.get(key) for key in quiet
        }
    assert Image.objects.filter(life="live").count() == 1


@pytest.mark.parametrize("route", EVERY, ids=name)
def test_a_visitor_is_sent_to_sign_in(route: Route, image: Image) -> None:
    response = ask(route, image, browser())
    assert response.status_code == route.visitor
    if response.status_code == 302:
        assert response["Location"].startswith("/accounts/login/?next=")
    assert Image.objects.filter(life="live").count() == 1


@pytest.mark.parametrize("route", EVERY, ids=name)
def test_past_the_deadline_it_is_gone_for_the_owner_too(
    route: Route, owner: User, image: Image
) -> None:
    age(image, timedelta(hours=23))
    assert ask(route, image, browser(owner)).status_code == route.late


@pytest.mark.parametrize("route", EVERY, ids=name)
def test_a_user_who_was_shut_out_is_a_visitor(route: Route, owner: User, image: Image) -> None:
    client = browser(owner)
    User.objects.filter(pk=owner.pk).update(is_active=False)
    # Their links are over, for everybody; a choice of language asks for no link.
    over = route.path.startswith("/s/") and not route.path.endswith("/language/")
    status = 410 if over else route.visitor
    assert ask(route, image, client).status_code == status


def test_an_outsider_s_page_is_the_same_as_for_an_image_that_never_was(
    outsider: User, image: Image
) -> None:
    client = browser(outsider)
    theirs = client.get(f"/images/{image.pk}/")
    never = client.get(f"/images/{uuid.uuid4()}/")
    assert theirs.status_code == never.status_code == 404
    assert steady(theirs) == steady(never)


def test_an_address_that_is_not_ours_answers_like_an_image_that_never_was(outsider: User) -> None:
    client = browser(outsider)
    never = client.get(f"/images/{uuid.uuid4()}/", headers=JSON)
    nowhere = client.get("/nowhere/", headers=JSON)
    assert (nowhere.status_code, nowhere.content) == (404, never.content)


def steady(response: Any) -> str:
    """The page without what differs from one request to the next by itself."""
    page: str = response.content.decode()
    for changing in ("csrf-token", "csrfmiddlewaretoken", "datetime=", 'name="next"'):
        page = "\n".join(line for line in page.splitlines() if changing not in line)
    return page


@pytest.mark.parametrize("page", ["/gallery/", "/gallery/?page=2", "/images/{id}/", "/account/"])
def test_a_visitor_comes_back_to_the_page_after_signing_in(page: str, image: Image) -> None:
    path = page.format(id=image.pk)
    response = browser().get(path)
    assert response.status_code == 302
    parts = urlsplit(response["Location"])
    assert (parts.path, parse_qs(parts.query)["next"]) == ("/accounts/login/", [path])


@pytest.mark.parametrize("route", sorted(ACCOUNT_PAGES))
def test_the_pages_of_an_account_open_for_who_is_signed_in(route: str, owner: User) -> None:
    path, signed_in, _ = ACCOUNT_PAGES[route]
    assert browser(owner).get(path).status_code == signed_in


@pytest.mark.parametrize("route", sorted(ACCOUNT_PAGES))
def test_a_visitor_sees_only_the_doors_of_an_account(route: str, db: None) -> None:
    path, _, visitor = ACCOUNT_PAGES[route]
    response = browser().get(path)
    assert response.status_code == visitor
    if visitor == 302:
        assert response["Location"].startswith("/")
