"""/account/activity/: the log as its owner reads it, filters it and takes it away."""

import csv
import io
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts import activity
from accounts.activity import COLUMNS, KINDS, SIGNS, Filters, who
from accounts.audit import SYSTEM, Actor, note
from accounts.models import Action, AuditEntry, User, Via
from accounts.templatetags.activity import WHO, what
from tests.cast import at_page, browser, count_queries

ADDRESS = "/account/activity/"
IMAGE = uuid.UUID("eda42b02-71e3-45c8-aa7c-021fcd8d6636")
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def add(owner: User, action: Action, by: Actor | None = None, **more: Any) -> AuditEntry:
    at = more.pop("at", None)
    note(action, owner=owner, by=by or at_page(owner), **more)
    entry = AuditEntry.objects.latest("pk")
    if at is not None:
        AuditEntry.objects.filter(pk=entry.pk).update(at=at)
        entry.refresh_from_db()
    return entry


def shown(user: User, query: str = "") -> list[str]:
    response = browser(user).get(f"{ADDRESS}{query}")
    assert response.status_code == 200
    return [row["entry"].action for row in response.context["page"].object_list]


@pytest.mark.parametrize("file", ["activity/", "activity.csv", "activity.json"])
@pytest.mark.django_db
def test_it_is_for_who_is_signed_in(file: str) -> None:
    response = browser().get(f"/account/{file}")
    assert (response.status_code, response["Location"]) == (
        302,
        f"/accounts/login/?next=/account/{file}",
    )


@pytest.mark.parametrize("file", ["activity/", "activity.csv", "activity.json"])
def test_nobody_reads_somebody_else_s(owner: User, outsider: User, file: str) -> None:
    add(outsider, Action.IMAGE_VIEWED, by=at_page(owner), image_id=IMAGE)
    response = browser(owner).get(f"/account/{file}?image={IMAGE}&owner={outsider.pk}")
    text = b"".join(response) if response.streaming else response.content
    assert b"image.viewed" not in text
    assert b"<strong>Viewed</strong>" not in text


def test_the_newest_comes_first(owner: User) -> None:
    add(owner, Action.SIGNED_IN, at=NOON)
    add(owner, Action.IMAGE_UPLOADED, at=NOON + timedelta(hours=1))
    add(owner, Action.IMAGE_VIEWED, at=NOON - timedelta(hours=1))
    assert shown(owner) == [Action.IMAGE_UPLOADED, Action.SIGNED_IN, Action.IMAGE_VIEWED]


def test_it_says_by_whom(owner: User, outsider: User) -> None:
    reason = "A <b>cutout</b> is broken"
    add(owner, Action.IMAGE_UPLOADED)
    add(owner, Action.IMAGE_UPLOADED, by=Actor(owner, Via.API))
    add(owner, Action.IMAGE_VIEWED, by=at_page(outsider))
    add(owner, Action.IMAGE_EXPIRED, by=SYSTEM, count=3)
    add(owner, Action.STAFF_OPENED, by=Actor(outsider, Via.STAFF), detail=reason)
    add(owner, Action.SIGN_IN_FAILED, by=Actor(None, Via.PAGE), detail="password")
    add(owner, Action.SHARE_VIEWED, by=Actor(None, Via.LINK), share_id=IMAGE)
    found = [who(entry) for entry in AuditEntry.objects.order_by("pk")]
    assert found == ["you", "you", "member", "system", "staff", "nobody", "visitor"]
    page = browser(owner).get(ADDRESS).content.decode()
    said = ("by you", "through the API", "by another member", "by the system")
    for words in (*said, "by somebody with the link"):
        assert words in page
    assert "3 images" in page
    assert "Reason: A &lt;b&gt;cutout&lt;/b&gt; is broken" in page
    assert "Sign-in refused: wrong password" in page


def test_every_action_has_words_a_sign_and_a_filter(owner: User) -> None:
    assert set(SIGNS) == set(Action)
    starts = tuple(start for _, begins in KINDS.values() for start in begins)
    for action in Action:
        assert action.value.startswith(starts)
        assert what(AuditEntry(action=action, via=Via.PAGE)) == str(action.label)
    assert set(WHO) == {"you", "member", "staff", "system", "visitor", "nobody"}


@pytest.mark.parametrize(
    ("action", "detail", "words"),
    [
        (Action.IMAGE_EXPIRED, "deadline", "Erased at its deadline"),
        (
            Action.IMAGE_EXPIRED,
            "consent_withdrawn",
            "Erased because the training opt-in was turned off",
        ),
        (Action.IMAGE_ERASED, "", "Erased on request"),
        (Action.IMAGE_ERASED, "downloaded", "Erased after its download"),
        (Action.IMAGE_DOWNLOADED, "cutout.png", "Downloaded: cutout.png"),
        (Action.SECURITY_CHANGED, "webauthn added", "Passkey added"),
        (Action.SIGN_IN_FAILED, "code", "Sign-in refused: wrong code"),
        (Action.CONSENT_ON, "1", "Training opt-in turned on (wording 1)"),
    ],
)
def test_details_become_words(action: Action, detail: str, words: str) -> None:
    assert what(AuditEntry(action=action, detail=detail, via=Via.PAGE)) == words


def test_kinds_filter(owner: User) -> None:
    for action in Action:
        add(owner, action)
    everything = set(shown(owner))
    found: set[str] = set()
    for kind in KINDS:
        part = set(shown(owner, f"?kind={kind}"))
        assert part
        assert not part & found
        found |= part
    assert found == everything == set(Action)
    assert set(shown(owner, "?kind=training")) == {Action.CONSENT_ON, Action.CONSENT_OFF}


def test_dates_filter_with_both_days(owner: User) -> None:
    for days in (-1, 0, 1, 2):
        add(owner, Action.IMAGE_VIEWED, at=datetime(2026, 11, 21, tzinfo=UTC) + timedelta(days))
    last = datetime(2026, 11, 22, 23, 59, 59, 999_000, tzinfo=UTC)
    add(owner, Action.IMAGE_UPLOADED, at=last)
    assert len(shown(owner, "?from=2026-11-21&to=2026-11-22")) == 3
    assert len(shown(owner, "?from=2026-11-23")) == 1
    assert len(shown(owner, "?to=2026-11-20")) == 1
    assert shown(owner, "?from=2026-11-22&to=2026-11-21") == []
    assert len(shown(owner, "?from=0001-01-01&to=9999-12-31")) == 5


def test_an_image_filters(owner: User) -> None:
    add(owner, Action.IMAGE_UPLOADED, image_id=IMAGE)
    add(owner, Action.IMAGE_UPLOADED, image_id=uuid.uuid4())
    add(owner, Action.SIGNED_IN)
    assert len(shown(owner, f"?image={IMAGE}")) == 1
    assert len(shown(owner, f"?image= {str(IMAGE).upper()} ")) == 1
    assert shown(owner, f"?image={IMAGE}&kind=account") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [("from=yesterday", "from"), ("to=2026-13-01", "to"), ("image=7", "image"), ("kind=x", "kind")],
)
def test_what_cannot_be_read_is_said_and_filters_nothing(
    owner: User, query: str, field: str
) -> None:
    add(owner, Action.SIGNED_IN)
    response = browser(owner).get(f"{ADDRESS}?{query}")
    assert len(response.context["page"].object_list) == 1
    problem = response.context["filters"].problems[field]
    assert problem in response.content.decode()


def test_chips_and_pages_keep_the_other_filters(owner: User) -> None:
    for _ in range(51):
        add(owner, Action.IMAGE_VIEWED, image_id=IMAGE)
    response = browser(owner).get(f"{ADDRESS}?kind=images&from=2026-01-01")
    page = response.content.decode()
    assert 'href="?kind=images&amp;from=2026-01-01&amp;page=2"' in page
    assert 'href="?kind=staff&amp;from=2026-01-01"' in page
    assert 'href="?from=2026-01-01"' in page
    assert "/account/activity.csv?kind=images&amp;from=2026-01-01" in page
    assert len(shown(owner, "?kind=images&page=2")) == 1
    assert len(shown(owner, "?page=999")) == 1


def test_the_number_of_queries_does_not_grow_with_the_entries(owner: User) -> None:
    client = browser(owner)
    add(owner, Action.IMAGE_VIEWED, image_id=IMAGE)
    client.get(ADDRESS)  # Notes the device.
    one = count_queries(lambda: client.get(ADDRESS))
    for _ in range(40):
        add(owner, Action.IMAGE_VIEWED, image_id=IMAGE)
    assert count_queries(lambda: client.get(ADDRESS)) == one


def test_an_empty_log_says_what_will_be_here_and_for_how_long(
    owner: User, settings: Settings
) -> None:
    settings.AUDIT_DAYS = 30
    page = browser(owner).get(ADDRESS).content.decode()
    assert "Nothing happened yet" in page
    assert "kept for 30 days" in page
    add(owner, Action.SIGNED_IN)
    filtered = browser(owner).get(f"{ADDRESS}?kind=staff").content.decode()
    assert "Nothing of this kind" in filtered
    assert "activity.csv" not in filtered


def text_of(response: Any) -> str:
    return b"".join(response).decode()


def test_the_files_hold_the_same_entries_as_the_page(
    owner: User, outsider: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity, "CHUNK", 2)
    for number in range(5):
        add(owner, Action.IMAGE_VIEWED, image_id=IMAGE, at=NOON + timedelta(hours=number // 3))
    add(owner, Action.SIGNED_IN)
    add(outsider, Action.IMAGE_VIEWED, image_id=IMAGE)
    client = browser(owner)
    answer = client.get(f"/account/activity.csv?image={IMAGE}")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="activity.csv"'
    assert answer["Cache-Control"] == "private, no-store"
    rows = list(csv.DictReader(io.StringIO(text_of(answer))))
    told = json.loads(text_of(client.get(f"/account/activity.json?image={IMAGE}")))["entries"]
    assert len(rows) == len(told) == 5
    assert tuple(rows[0]) == tuple(told[0]) == COLUMNS
    assert [{key: str(value) for key, value in row.items()} for row in told] == rows
    assert told[0] == {
        "at": "2026-11-21T13:00:00.000Z",
        "action": "image.viewed",
        "by": "you",
        "via": "page",
        "image": str(IMAGE),
        "link": "",
        "count": 1,
        "detail": "",
        "network": "203.0.113.0/24",
    }


def test_an_empty_log_makes_empty_files(owner: User) -> None:
    client = browser(owner)
    assert text_of(client.get("/account/activity.csv")).strip() == ",".join(COLUMNS)
    assert json.loads(text_of(client.get("/account/activity.json"))) == {"entries": []}


@pytest.mark.parametrize(
    "reason", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("x")']
)
def test_no_cell_is_a_formula(owner: User, outsider: User, reason: str) -> None:
    add(owner, Action.STAFF_OPENED, by=Actor(outsider, Via.STAFF), detail=reason)
    answer = text_of(browser(owner).get("/account/activity.csv"))
    (row,) = csv.DictReader(io.StringIO(answer, newline=""))
    assert row["detail"] == f"'{reason}"


def test_a_long_log_is_sent_in_pieces(owner: User) -> None:
    entries = [
        AuditEntry(at=timezone.now(), owner=owner, actor=owner, via=Via.PAGE, action=action)
        for action in [Action.IMAGE_VIEWED] * (activity.CHUNK + 1)
    ]
    AuditEntry.objects.bulk_create(entries)
    answer = browser(owner).get("/account/activity.csv")
    assert answer.streaming
    pieces = iter(answer)
    assert next(pieces).startswith(b"at,action")
    assert sum(1 for _ in pieces) == activity.CHUNK + 1


def test_a_filter_reads_back_what_it_writes() -> None:
    asked = {"kind": "images", "from": "2026-11-21", "to": "2026-11-22", "image": str(IMAGE)}
    assert Filters.read(asked).query == asked
    assert Filters.read({}) == Filters()
