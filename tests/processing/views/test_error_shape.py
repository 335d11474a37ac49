"""Every refusal: one shape as JSON, a page in plain words for people, a sentence that helps."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client, RequestFactory
from pytest_django import Settings

from accounts.models import User
from processing.errors import ERRORS, sentence_of
from processing.views import gallery, images
from processing.views.errors import ON_PAGES, SENTENCES, answer
from tests import photos
from tests.cast import JSON, browser, send, submit

PAGE = {"Accept": "text/html"}
Ask = Callable[[Client, dict[str, str]], Any]

REFUSALS: dict[tuple[int, str], Ask] = {
    (400, "bad_request"): lambda client, headers: client.post("/images/", headers=headers),
    (404, "not_found"): lambda client, headers: client.get("/nowhere", headers=headers),
    (405, "wrong_method"): lambda client, headers: client.delete("/gallery/", headers=headers),
}
METHODS = {
    "/": "GET, HEAD",
    "/gallery/": "GET, HEAD",
    "/images/": "GET, HEAD, POST",
    "/images/download/": "POST",
    "/images/tags/": "POST",
    "/images/erase/": "POST",
    "/images/{id}/": "GET, HEAD, DELETE",
    "/images/{id}/erase/": "POST",
    "/images/{id}/shorten/": "POST",
    "/images/{id}/ticket/": "POST",
    "/images/{id}/edit/": "GET, HEAD, POST",
    "/images/{id}/edits/0/": "GET, HEAD, POST",
    "/images/{id}/edits/0/mask.png": "GET, HEAD",
    "/images/edit/": "POST",
    "/images/edit/new/": "GET, HEAD, POST",
    "/images/{id}/original": "GET, HEAD",
    "/images/{id}/cutout.webp": "GET, HEAD",
    "/images/{id}/render": "GET, HEAD, POST",
    "/uploads/": "POST",
    "/uploads/{id}/": "GET, HEAD, DELETE",
    "/uploads/{id}/0": "PUT",
    "/uploads/{id}/finish": "POST",
    "/receipts/": "GET, HEAD",
    "/receipts/verify/": "GET, HEAD, POST",
    "/receipts/keys.json": "GET, HEAD",
    "/receipts/head.json": "GET, HEAD",
    "/receipts/{id}/": "GET, HEAD",
    "/receipts/{id}.json": "GET, HEAD",
    "/shares/": "GET, HEAD, POST",
    "/shares/new/": "GET, HEAD, POST",
    "/shares/{id}/": "GET, HEAD, POST",
    "/shares/{id}/pause/": "POST",
    "/shares/{id}/resume/": "POST",
    "/shares/{id}/revoke/": "POST",
    "/shares/{id}/renew/": "POST",
    "/s/never/": "GET, HEAD",
    "/s/never/unlock/": "POST",
    "/s/never/state": "GET, HEAD",
    "/s/never/take/": "POST",
    "/s/never/1/preview.webp": "GET, HEAD",
    "/s/never/get/{id}/": "GET, HEAD",
    "/privacy/": "GET, HEAD",
    "/privacy.json": "GET, HEAD",
    "/account/retention/": "POST",
    "/account/erase-all/": "GET, HEAD, POST",
    "/account/data/": "GET, HEAD, POST",
    "/account/closed/": "GET, HEAD",
    "/account/closed/receipts.json": "GET, HEAD",
}


@pytest.fixture
def client(owner: User) -> Client:
    return browser(owner, raise_request_exception=False)


def check(response: Any, status: int, code: str) -> None:
    assert response.status_code == status
    assert response["Content-Type"] == "application/json"
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message"}
    assert body["error"]["code"] == code
    assert body["error"]["message"].endswith(".")


@pytest.mark.parametrize("expected", REFUSALS, ids=str)
def test_a_refusal_has_the_one_shape(client: Client, expected: tuple[int, str]) -> None:
    check(REFUSALS[expected](client, JSON), *expected)


@pytest.mark.parametrize("expected", REFUSALS, ids=str)
def test_a_refusal_is_a_page_for_people(client: Client, expected: tuple[int, str]) -> None:
    response = REFUSALS[expected](client, PAGE)
    assert response.status_code == expected[0]
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert "<h1" in response.content.decode()


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_a_page_shows_the_status_that_it_has(owner: User, rf: RequestFactory, code: str) -> None:
    request = rf.get("/", headers=PAGE)
    request.user = owner
    response = answer(request, code, ERRORS[code].says, ERRORS[code].status)
    shown = re.search(r'error-code"><span>(\d+)<', response.content.decode())
    assert shown
    assert int(shown[1]) == response.status_code == ERRORS[code].status


def test_a_page_speaks_of_no_fields_and_requests(client: Client) -> None:
    unmarked: dict[str, Any] = {"data": b"photo", "content_type": "multipart/form-data"}
    page = client.post("/images/", headers=PAGE, **unmarked).content.decode()
    text = page[page.index("<main") :]
    assert "Go back, reload the page and try again." in text
    assert "fields" not in text
    for sentence in ON_PAGES.values():
        assert not re.search(r"\b(field|request|result|method|header)s?\b", str(sentence))


def test_a_visitor_s_refusal_has_the_one_shape(db: None) -> None:
    for address in ("/gallery/", "/images/", f"/images/{uuid.uuid4()}/original"):
        check(browser().get(address, headers=JSON), 401, "not_signed_in")


@pytest.mark.parametrize("address", ["/images/", "/images/erase/", "/gallery/", "/account/"])
def test_a_missing_token_has_the_one_shape(owner: User, address: str) -> None:
    client = browser(owner, enforce_csrf_checks=True)
    check(client.post(address, headers=JSON), 403, "csrf_failed")
    assert client.post(address, headers=PAGE).status_code == 403


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("address", METHODS)
def test_a_wrong_method_has_the_one_shape_and_names_the_right_ones(
    client: Client, owner: User, address: str, method: str
) -> None:
    path = address.format(id=submit(owner).pk)
    response = client.generic(method, path, headers=JSON)
    if method in METHODS[address].split(", "):
        assert response.status_code != 405
        return
    check(response, 405, "wrong_method")
    assert response["Allow"] == METHODS[address]


def test_our_own_failure_has_the_one_shape_and_tells_nothing_of_its_cause(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any) -> bool:
        raise RuntimeError("the cause")

    monkeypatch.setattr(images, "worker_up", fail)
    response = client.get("/images/", headers=JSON)
    check(response, 500, "engine_failed")
    assert b"cause" not in response.content


def test_our_own_failure_is_a_page_for_people(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any) -> bool:
        raise RuntimeError("the cause")

    monkeypatch.setattr(gallery, "worker_up", fail)
    response = client.get("/gallery/", headers=PAGE)
    assert response.status_code == 500
    assert "<h1" in response.content.decode()
    assert "cause" not in response.content.decode()


def test_a_host_that_is_not_ours_has_the_one_shape(client: Client, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["photos.example"]
    response = client.get("/", headers=JSON | {"Host": "evil.example"})
    check(response, 400, "bad_request")


def test_too_many_attempts_have_the_one_shape(db: None) -> None:
    client = browser()
    form = {"login": "nobody@example.org", "password": "wrong-but-long-enough"}
    for _ in range(31):
        response = client.post("/accounts/login/", form, headers=JSON)
        if response.status_code == 429:
            break
    check(response, 429, "rate_limited")


def test_a_file_s_refusal_has_its_own_shape(client: Client) -> None:
    body = send(client, photos.SVG).json()
    assert set(body) == {"images", "errors"}
    assert set(body["errors"][0]) == {"index", "code", "message"}


CODES = {
    "bad_erase_after",
    "bad_share",
    "gone",
    "password_needed",
    "share_ended",
    "share_too_long",
    "too_many_shares",
    "too_many_tries",
    "wrong_password",
    "model_not_offered",
    "bad_request",
    "csrf_failed",
    "decode_failed",
    "empty_file",
    "engine_failed",
    "export_running",
    "forbidden",
    "incomplete",
    "interrupted",
    "no_receipt_yet",
    "not_an_image",
    "not_found",
    "not_signed_in",
    "out_of_memory",
    "part_too_large",
    "part_too_small",
    "paused",
    "rate_limited",
    "request_in_progress",
    "storage_full",
    "ticket_mismatch",
    "timed_out",
    "too_large",
    "too_many_files",
    "too_many_parts",
    "too_many_pixels",
    "too_many_uploads",
    "truncated",
    "unknown_foreground",
    "unreadable_receipt",
    "unreadable_ticket",
    "unsupported_type",
    "worker_lost",
    "wrong_method",
    "wrong_offset",
    "bad_option",
    "bad_tag",
    "too_many_tags",
    "too_many_renderings",
    "not_cut_out",
    "not_ready",
    "renderings_waiting",
    "bad_stroke",
    "nothing_left",
    "too_many_strokes",
    "version_conflict",
    "too_many_versions",
}


def test_the_codes_are_exactly_these() -> None:
    assert set(ERRORS) | set(SENTENCES) == CODES


def sentences() -> dict[str, str]:
    said = {code: kind.says for code, kind in ERRORS.items()}
    said |= {f"page {code}": str(sentence) for code, (_, sentence) in SENTENCES.items()}
    return said | {f"person {code}": str(sentence) for code, sentence in ON_PAGES.items()}


# What a person can do about it begins with one of these, or there is nothing to be done.
ADVICE = re.compile(
    r"\b(Send|send|Try|try|Ask|Check|Sign in|Reload|reload|Wait|Save|Choose|Use|Open|Go|Look"
    r"|Download)\b"
)


@pytest.mark.parametrize("code", sorted(sentences()))
def test_every_sentence_ends_says_what_to_do_and_is_plain(code: str) -> None:
    sentence = sentences()[code]
    assert sentence.endswith(".")
    assert sentence[0].isupper()
    assert len(sentence) < 120
    assert ADVICE.search(sentence), sentence
    assert not re.search(
        r"(?i)\b(oops|please|sorry|error|invalid|went wrong|unexpected|may)\b", sentence
    )


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_every_error_has_a_status_of_a_refusal(code: str) -> None:
    assert 400 <= ERRORS[code].status < 600
    assert ERRORS[code].code == code


def test_a_code_that_nobody_knows_any_more_still_has_a_sentence() -> None:
    assert sentence_of("of_an_older_version") == ERRORS["engine_failed"].says
