"""Programs get JSON, as docs/api.md shows it; which addresses are pages alone is written there."""

import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from accounts.models import User
from processing.flows.gallery import PAGE
from processing.models import Image
from tests.cast import JSON, age, browser, fill, finish, submit
from tests.processing.views.test_outsiders import EVERY, Route, ask, image, name
from tests.test_docs import read

__all__ = ["image"]
ANSWERED = [route for route in EVERY if route.method == "GET" and route.owner == 200]


def pages_alone() -> list[str]:
    """As they are written; all below those that end the sentence is meant."""
    sentence = re.search(r"^Pages alone, (.*?)\.$", read("api.md"), re.MULTILINE | re.DOTALL)
    assert sentence
    return re.findall(r"`(/[^`]*)`", sentence[1])


def is_a_page_alone(path: str) -> bool:
    *exact, account, accounts, staff = pages_alone()
    below = path.startswith((account, accounts, staff)) and not path.endswith((".json", ".csv"))
    return path in exact or below


@pytest.mark.parametrize("route", ANSWERED, ids=name)
def test_programs_get_no_page_that_is_not_said_to_be_one(
    route: Route, owner: User, image: Image
) -> None:
    kind = ask(route, image, browser(owner))["Content-Type"].partition(";")[0]
    assert (kind == "text/html") == is_a_page_alone(urlsplit(route.path).path)


def test_an_image_has_the_fields_of_the_example(owner: User) -> None:
    blocks = re.findall(r"```json\n(.*?)```", read("api.md"), re.DOTALL)
    example = json.loads(blocks[0])["images"][0]
    told: Any = browser(owner).get(f"/images/?ids={submit(owner).pk}", headers=JSON).json()
    assert list(told["images"][0]) == list(example)


def test_the_gallery_tells_its_images_newest_first(owner: User, outsider: User) -> None:
    older, newer = finish(submit(owner)), submit(owner)
    submit(outsider)
    age(older, timedelta(hours=1))
    told: Any = browser(owner).get("/gallery/", headers=JSON).json()
    assert [one["id"] for one in told["images"]] == [str(newer.pk), str(older.pk)]
    assert [one["state"] for one in told["images"]] == ["queued", "done"]
    assert (told["older"], told["newer"]) == (None, None)


def test_its_pages_lead_to_each_other_and_keep_what_is_looked_for(owner: User) -> None:
    made = {str(key) for key in fill(owner, PAGE + 3)}
    client, address, pages = browser(owner), "/gallery/?show=done", []
    while address:
        told: Any = client.get(address, headers=JSON).json()
        pages.append([one["id"] for one in told["images"]])
        address = told["older"]
    assert [len(page) for page in pages] == [PAGE, 3]
    assert {one for page in pages for one in page} == made
    back = client.get(told["newer"], headers=JSON).json()
    assert [one["id"] for one in back["images"]] == pages[0]
    assert "show=done" in told["newer"]
