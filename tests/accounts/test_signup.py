"""/accounts/signup/: an address and a password are enough; a workspace comes with them."""

import threading
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, connections
from django.test import Client
from pytest_django import Settings

from accounts.models import Membership, User, Workspace
from tests.cast import PASSWORD, browser, make_user

NEW = "nora@example.org"
LOGIN = "/accounts/login/"


def sign_up(client: Client, email: str = NEW, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/accounts/signup/", {"email": email, "password1": password, **more})


def link_in(message: Any) -> str:
    """The path of the link that confirms the address."""
    link: str = next(word for word in message.body.split() if "/confirm-email/" in word)
    return link.removeprefix("http://testserver")


def home_page(client: Client) -> Any:
    return client.get("/")


@pytest.mark.django_db
def test_who_signs_up_is_signed_in_and_in_the_studio() -> None:
    client = browser()
    response = sign_up(client)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert "limits" in home_page(client).context


@pytest.mark.django_db
def test_a_personal_workspace_comes_with_the_user() -> None:
    sign_up(browser())
    user = User.objects.get(email=NEW)
    workspace = Workspace.objects.get()
    assert (workspace.owner, workspace.personal) == (user, True)
    assert list(workspace.members.all()) == [user]


@pytest.mark.django_db
def test_nothing_but_address_and_password_is_asked_for() -> None:
    form = browser().get("/accounts/signup/").context["form"]
    assert set(form.fields) == {"email", "password1"}


@pytest.mark.django_db
def test_a_user_and_the_workspace_come_together_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("in between")

    monkeypatch.setattr(Membership.objects, "create", fail)
    with pytest.raises(RuntimeError, match="in between"):
        make_user(NEW)
    assert not User.objects.exists()
    assert not Workspace.objects.exists()


@pytest.mark.django_db
def test_saving_a_user_again_makes_no_second_workspace(owner: User) -> None:
    owner.save()
    assert Workspace.objects.filter(owner=owner).count() == 1


@pytest.mark.django_db
def test_the_database_refuses_a_second_personal_workspace(owner: User) -> None:
    with pytest.raises(IntegrityError):
        Workspace.objects.create(owner=owner, personal=True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verification", ["optional", "mandatory"])
def test_signing_up_four_times_at_once_makes_one_user_and_one_workspace(
    settings: Settings, verification: str
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = verification
    clients = [browser() for _ in range(4)]
    answers: list[Any] = []
    barrier = threading.Barrier(len(clients))

    def post(client: Client) -> None:
        barrier.wait()
        answers.append(sign_up(client))
        connections.close_all()

    threads = [threading.Thread(target=post, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4
    assert User.objects.filter(email=NEW).count() == 1
    assert Workspace.objects.count() == Membership.objects.count() == 1
    leads = [answer.headers.get("Location") for answer in answers]
    if verification == "mandatory":
        assert set(leads) == {"/accounts/confirm-email/"}
    else:
        assert leads.count("/") == 1
        assert set(leads) <= {"/", "/accounts/login/", None}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "password", ["short", "1234567890123", "password123", "nora@example.org", "", "qwertyuiop"]
)
def test_a_weak_password_is_refused(password: str) -> None:
    response = sign_up(browser(), password=password)
    assert response.status_code == 200
    assert response.context["form"].errors["password1"]
    assert not User.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("email", ["", "nora", "nora@", "@example.org", "nora@example"])
def test_what_is_no_address_is_refused(email: str) -> None:
    response = sign_up(browser(), email)
    assert response.context["form"].errors["email"]
    assert not User.objects.exists()


@pytest.mark.django_db
def test_an_address_in_other_letters_is_the_same_person() -> None:
    sign_up(browser())
    sign_up(browser(), NEW.upper())
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_the_message_with_the_link_is_sent_and_the_link_confirms_the_address(
    mailoutbox: list[Any],
) -> None:
    client = browser()
    sign_up(client)
    (message,) = mailoutbox
    assert message.to == [NEW]
    path = link_in(message)
    assert client.get(path).status_code == 200
    assert not EmailAddress.objects.get().verified
    client.post(path)
    assert EmailAddress.objects.get().verified


@pytest.mark.django_db
def test_where_addresses_are_verified_nobody_gets_in_before_it(
    settings: Settings, mailoutbox: list[Any]
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    client = browser()
    response = sign_up(client)
    assert (response.status_code, response["Location"]) == (302, "/accounts/confirm-email/")
    assert "limits" not in home_page(client).context
    assert client.get("/gallery/").status_code == 302
    assert len(mailoutbox) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("same", [True, False], ids=["the same browser", "another"])
def test_who_confirms_where_they_signed_up_is_in_and_nobody_else(
    settings: Settings, mailoutbox: list[Any], same: bool
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    client = browser()
    sign_up(client)
    reader = client if same else browser()
    response = reader.post(link_in(mailoutbox[0]))
    assert (response.status_code, response["Location"]) == (302, "/" if same else LOGIN)
    assert EmailAddress.objects.get().verified
    assert reader.get("/gallery/").status_code == (200 if same else 302)


@pytest.mark.django_db
def test_where_addresses_are_verified_a_known_one_is_answered_like_a_new_one(
    settings: Settings, owner: User, mailoutbox: list[Any]
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    new, known = sign_up(browser()), sign_up(browser(), owner.email)
    assert (new.status_code, new["Location"]) == (known.status_code, known["Location"])
    assert sorted(new.headers) == sorted(known.headers)
    assert User.objects.count() == 2
    assert [message.to for message in mailoutbox] == [[NEW], [owner.email]]
    assert "signup" not in mailoutbox[1].body


@pytest.mark.django_db
@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_signing_up_never_leads_away(away: str) -> None:
    assert sign_up(browser(), next=away)["Location"] == "/"


@pytest.mark.django_db
def test_no_log_line_holds_the_address(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(0)
    sign_up(browser())
    sign_up(browser())
    assert NEW not in caplog.text
    assert str(User.objects.get()) == f"user {User.objects.get().pk}"
    assert NEW not in "".join(capsys.readouterr())
