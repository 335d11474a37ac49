"""What a hand does that Playwright has no word for: drop files, paste a picture, walk away."""

import re
from base64 import b64encode
from dataclasses import dataclass

from playwright.sync_api import Locator, Page

# Where photos are sent, whatever was chosen for them; not where a page asks how far they are.
SENDING = re.compile(r"/images/(\?(?!ids=).*)?$")


@dataclass(frozen=True)
class Held:
    """A file in the hand."""

    name: str
    content: bytes
    media_type: str = ""


_DRAG = """({files, kinds}) => {
  const transfer = new DataTransfer();
  for (const { name, content, type } of files) {
    const bytes = Uint8Array.from(atob(content), (mark) => mark.charCodeAt(0));
    transfer.items.add(new File([bytes], name, { type }));
  }
  for (const kind of kinds) {
    const event = new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true });
    document.querySelector("footer").dispatchEvent(event);
  }
}"""
_PASTE = """({ name, content, type }) => {
  const transfer = new DataTransfer();
  const bytes = Uint8Array.from(atob(content), (mark) => mark.charCodeAt(0));
  transfer.items.add(new File([bytes], name, { type }));
  const how = { clipboardData: transfer, bubbles: true, cancelable: true };
  document.body.dispatchEvent(new ClipboardEvent("paste", how));
}"""


def drag_over(page: Page, *files: Held) -> None:
    page.evaluate(_DRAG, {"files": _plain(files), "kinds": ["dragenter", "dragover"]})


def drop(page: Page, *files: Held) -> None:
    """Drops the files far from the place for photos: on the foot of the page."""
    page.evaluate(_DRAG, {"files": _plain(files), "kinds": ["dragenter", "dragover", "drop"]})


def paste(page: Page, file: Held) -> None:
    page.evaluate(_PASTE, _plain((file,))[0])


def cards(page: Page) -> Locator:
    return page.locator("[data-cards] [data-card]")


def card(page: Page, name: str) -> Locator:
    """The card of one photo, by its name."""
    return page.locator("[data-card]").filter(has=page.get_by_role("paragraph").get_by_text(name))


def _plain(files: tuple[Held, ...]) -> list[dict[str, str]]:
    return [
        {"name": file.name, "content": b64encode(file.content).decode(), "type": file.media_type}
        for file in files
    ]
