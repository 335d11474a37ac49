"""What the content security policy and the icon sprite ask of every template."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template
from pytest_django import Settings

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
PAGES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)
SCRIPT = re.compile(r"<script\b([^>]*)>", re.IGNORECASE)
ICON = re.compile(r'href="#icon-([a-z0-9-]+)"')
SPRITE = (TEMPLATES / "_fragments" / "icons.html").read_text()
ERRORS = ["400", "403", "403_csrf", "404", "405", "410", "413", "429", "500", "503"]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_inline_style_or_script(name: str) -> None:
    text = (TEMPLATES / name).read_text()
    assert not INLINE.search(text)
    for attributes in SCRIPT.findall(text):
        assert "src=" in attributes or 'type="application/json"' in attributes


@pytest.mark.parametrize("name", PAGES)
def test_an_icon_that_a_page_shows_is_in_the_sprite(name: str) -> None:
    for icon in ICON.findall((TEMPLATES / name).read_text()):
        assert f'id="icon-{icon}"' in SPRITE


@pytest.mark.parametrize("code", ERRORS)
def test_an_error_page_stands_without_request_and_context(code: str, settings: Settings) -> None:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    page = get_template(f"{code}.html").render()
    assert page.count("<h1") == 1
    assert f"<span>{code[:3]}</span>" in page
    assert "csrf-token" not in page
