"""Times a drop in a real browser, from the drop to the cutout's pixels on the screen."""

import time

from playwright.sync_api import Page, sync_playwright

from tests.bench.site import HOST, Sender

# Notes the time of the drop and of the first cutout that has been decoded and painted.
WATCH = """() => {
  window.seen = new Promise((resolve) => {
    const look = () => {
      const image = document.querySelector("[data-cards] [data-card] [data-after] img");
      if (image && image.complete && image.naturalWidth > 0)
        requestAnimationFrame(() => resolve(performance.now()));
      else requestAnimationFrame(look);
    };
    document.addEventListener("drop", () => { window.dropped = performance.now(); look(); },
                              { capture: true, once: true });
  });
}"""
DROP = """async (photo) => {
  const bytes = Uint8Array.from(atob(photo), (mark) => mark.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], "bench.jpg", { type: "image/jpeg" }));
  for (const kind of ["dragenter", "dragover", "drop"])
    document.body.dispatchEvent(
      new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }));
  return (await window.seen) - window.dropped;
}"""


def drop_to_cutout(sender: Sender, photo: bytes, times: int) -> list[float]:
    """Seconds from drop to visible cutout, less what the model itself took."""
    from base64 import b64encode

    spent = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page()
        page.context.add_cookies(
            [
                {"name": name, "value": value, "domain": HOST, "path": "/"}
                for name, value in (pair.split("=", 1) for pair in sender.cookies.split("; "))
            ]
        )
        for _ in range(times):
            page.goto(f"http://{HOST}:{sender.port}/", wait_until="networkidle")
            page.evaluate(WATCH)
            whole = page.evaluate(DROP, b64encode(photo).decode()) / 1000
            image_id = _finished(page, sender)
            model = sender.state(image_id)["timings"]["matte"] / 1000
            spent.append(whole - model)
            sender.erase(image_id)
        browser.close()
    return spent


def _finished(page: Page, sender: Sender) -> str:
    image_id = page.locator("[data-cards] [data-card]").first.get_attribute("data-id")
    assert image_id
    while sender.state(image_id)["state"] != "done":
        time.sleep(0.1)
    return image_id
