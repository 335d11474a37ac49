"""`make screenshots`: every page in every state, photographed on a real site, to be looked at.

A site starts in a folder of its own, people sign up at it and send photos, by its pages. The
pictures, and a page to leaf through them, are in var/screenshots/. Words after the command choose
the states whose names hold one of them: `python -m tests.look.screenshots gallery receipt`.
"""

import io
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from skimage import data

from tests.browser.conftest import CHROMIUM, run_site
from tests.browser.gestures import Held
from tests.conftest import ROOT
from tests.look.eyes import set_text_size
from tests.look.pages import STATES, State
from tests.look.people import Cast

FOLDER = ROOT / "var" / "screenshots"
USUAL_TEXT = 16


@dataclass(frozen=True)
class Eye:
    """How somebody looks: the window's size in pixels, and what their system asks for."""

    name: str
    width: int
    height: int
    text: int = USUAL_TEXT  # Pixels of the browser's own text size.
    color_scheme: Literal["light", "dark"] = "light"
    contrast: Literal["more", "no-preference"] = "no-preference"
    forced_colors: Literal["active", "none"] = "none"
    language: str = "en-GB"


EYES = (
    Eye("narrow-light", 360, 740),
    Eye("narrow-dark", 360, 740, color_scheme="dark"),
    Eye("wide-light", 1440, 900),
    Eye("wide-dark", 1440, 900, color_scheme="dark"),
    Eye("large-text", 360, 740, text=32),
    Eye("forced-colors", 1440, 900, forced_colors="active"),
    Eye("more-contrast", 1440, 900, contrast="more"),
    # Longer words.
    Eye("german-narrow", 360, 740, language="de-DE"),
    Eye("german-wide", 1280, 800, language="de-DE"),
)


def main(words: Sequence[str]) -> int:
    states = [state for state in STATES if not words or any(one in state.name for one in words)]
    if not states:
        print(f"No state of tests/look/pages.py has one of these in its name: {' '.join(words)}")
        return 1
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with (
        run_site("tests.look.settings", MODEL="u2netp", SWEEP_EVERY="3s") as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=list(CHROMIUM)
        )
        cast = Cast(site, browser, list(real_photos()))
        cast.gather()
        for state in states:
            photograph(browser, cast, state)
            print(state.name, flush=True)
        browser.close()
    (FOLDER / "index.html").write_text(album(states), encoding="utf-8")
    print(f"{len(list(FOLDER.glob('*.png')))} pictures: {FOLDER / 'index.html'}")
    return 0


def real_photos() -> Iterator[Held]:
    """Two that are cut out, and one whose end is missing."""
    cat, coffee = (as_jpeg(pixels) for pixels in (data.chelsea(), data.coffee()))
    yield Held("Chelsea on the sofa.jpg", cat, "image/jpeg")
    yield Held("coffee.jpg", coffee, "image/jpeg")
    yield Held("IMG_2041.jpg", coffee[: len(coffee) // 2], "image/jpeg")


def as_jpeg(pixels: np.ndarray[Any, Any]) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=90)
    return out.getvalue()


def photograph(browser: Browser, cast: Cast, state: State) -> None:
    """Goes there once for each language, and looks at it with every eye."""
    for language, eyes in groupby(EYES, lambda eye: eye.language):
        context = browser.new_context(
            locale=language, reduced_motion="reduce", storage_state=cast.states[state.who]
        )
        page = context.new_page()
        state.reach(page, cast)
        for eye in eyes:
            look(page, eye, FOLDER / f"{state.name}.{eye.name}.png")
        context.close()


def look(page: Page, eye: Eye, path: Path) -> None:
    page.set_viewport_size({"width": eye.width, "height": eye.height})
    page.emulate_media(
        color_scheme=eye.color_scheme, contrast=eye.contrast, forced_colors=eye.forced_colors
    )
    set_text_size(page, eye.text)
    page.wait_for_function(
        "(size) => getComputedStyle(document.documentElement).fontSize === size",
        arg=f"{eye.text}px",
    )
    wait_for_pictures(page)
    usual = eye.text == USUAL_TEXT
    if not usual:
        # What is taken beyond the window is taken with the usual text: the window is made as high.
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": eye.width, "height": height})
    page.screenshot(path=path, full_page=usual, animations="disabled")


def wait_for_pictures(page: Page) -> None:
    page.evaluate("""async () => {
      const pictures = [...document.images].filter((one) => one.src);
      for (const one of pictures) one.loading = "eager";
      await Promise.all(pictures.map((one) => one.decode().catch(() => undefined)));
    }""")


def album(states: Sequence[State]) -> str:
    """One page: a state below the other, its pictures side by side."""
    parts = [
        "<!DOCTYPE html><html lang=en><meta charset=utf-8><title>Screenshots</title><style>",
        "body{font:15px system-ui;margin:16px;background:#ddd}h2{margin:32px 0 8px}",
        ".row{display:flex;gap:16px;overflow-x:auto;align-items:start}figure{margin:0}",
        "img{block-size:640px;border:1px solid #999}nav a{margin-inline-end:12px}</style><nav>",
        *(f'<a href="#{escape(one.name)}">{escape(one.name)}</a> ' for one in states),
        "</nav>",
    ]
    for state in states:
        parts.append(f'<h2 id="{escape(state.name)}">{escape(state.name)}</h2><div class=row>')
        for eye in EYES:
            file = escape(f"{state.name}.{eye.name}.png")
            if not (FOLDER / f"{state.name}.{eye.name}.png").exists():
                continue
            picture = f'<a href="{file}"><img src="{file}" alt="" loading=lazy></a>'
            parts.append(f"<figure>{picture}<figcaption>{eye.name}</figcaption></figure>")
        parts.append("</div>")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
