"""POST /images/ with hostile file names: they never reach a header or a page unsafely."""

import pytest
from django.test import Client

from accounts.models import User
from processing.models import Image
from tests import photos
from tests.cast import browser, finish, send
from tests.photos import Part

BIDI = "\u202egnp.exe"
HOSTILE = [
    "../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "C:\\photos\\cup.png",
    "a;b=c.png",
    "a'b.png",
    "100%.png",
    "%0d%0aSet-Cookie: a=b.png",
    "<script>alert(1)</script>.png",
    "x.png\0.exe",
    BIDI,
    "\u2028line.png",
    "\x1b[31mred.png",
    "\x7f.png",
    "\N{PILE OF POO}.png",
    "é" * 4000 + ".png",
    "a" * 4000,
    ".",
    "..",
    "…png",
    " ",
    "\udcff\udcfe.png",
]


@pytest.fixture
def client(owner: User) -> Client:
    return browser(owner)


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_is_tamed(client: Client, name: str) -> None:
    response = send(client, Part(photos.draw(), name))
    if response.status_code == 400:  # A name that is nothing but dots is no name of a file.
        assert not Image.objects.exists()
        return
    (card,) = response.json()["images"]
    assert card["name"].isprintable()
    assert not set(card["name"]) & set("/\\\0\r\n")
    assert len(card["name"]) <= 200
    finish(Image.objects.get())
    for file in ("original", "cutout.png"):
        for query in ("", "?download=1"):
            headers = client.get(f"{card['url']}{file}{query}").headers
            disposition = headers["Content-Disposition"]
            assert disposition.isascii()
            assert disposition.isprintable()
            assert len(disposition) < 4000
            assert not {"Set-Cookie"} & set(headers)
    page = client.get(card["url"]).content.decode()
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    "header",
    [
        'filename="a.png\r\nSet-Cookie: a=b"',
        'filename="a.png"; filename="b.png"',
        'filename="a\\"b.png"',
        "filename*=utf-8''a%0D%0ASet-Cookie:%20a=b.png",
        "filename*=utf-8''%00%ff.png",
        "filename*=klingon''x.png",
        'filename="a.png" name=x',
    ],
)
def test_a_hostile_header_of_a_part_is_tamed(client: Client, header: str) -> None:
    body = (
        f'--{photos.BOUNDARY}\r\nContent-Disposition: form-data; name="image_file"; {header}'
        "\r\nContent-Type: image/png\r\n\r\n"
    ).encode() + photos.draw()
    body += f"\r\n--{photos.BOUNDARY}--\r\n".encode()
    response = client.post(
        "/images/",
        body,
        content_type=photos.CONTENT_TYPE,
        headers={"Accept": "application/json"},
    )
    assert response.status_code in {201, 400}
    for image in Image.objects.all():
        original = client.get(f"/images/{image.pk}/original")
        assert "Set-Cookie" not in original.headers
        assert original["Content-Disposition"].isprintable()


def test_quotes_in_a_name_cannot_end_the_header_s_value(client: Client) -> None:
    name = "a&quot;; filename=evil.html; x=&quot;.png"  # Django turns the entities into quotes.
    (card,) = send(client, Part(photos.draw(), name)).json()["images"]
    assert '"' in card["name"]
    disposition = client.get(f"{card['url']}original")["Content-Disposition"]
    assert disposition == 'attachment; filename="a\\"; filename=evil.html; x=\\".png"'


def test_a_name_with_letters_of_the_world_comes_back_whole(client: Client) -> None:
    (card,) = send(client, Part(photos.draw(), "Grüße 東京.png")).json()["images"]
    assert card["name"] == "Grüße 東京.png"
    disposition = client.get(f"{card['url']}original")["Content-Disposition"]
    assert disposition == ("attachment; filename*=utf-8''Gr%C3%BC%C3%9Fe%20%E6%9D%B1%E4%BA%AC.png")


def test_no_table_holds_the_name_in_the_clear(client: Client) -> None:
    send(client, Part(photos.draw(), "my-secret-holiday.png"))
    row = Image.objects.values().get()
    values = [bytes(x) if isinstance(x, memoryview) else x for x in row.values()]
    assert row["sealed_name"]
    assert "holiday" not in str(values)


def test_no_log_line_holds_the_name(
    client: Client, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(0)
    send(client, Part(photos.draw(), "my-secret-holiday.png"), Part(photos.SVG, "holiday.svg"))
    assert "holiday" not in caplog.text
    assert "holiday" not in "".join(capsys.readouterr())
