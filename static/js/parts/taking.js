/** Ways to take a result along that are no download: onto the clipboard, out of the page. */
import { _ } from "../pure/words.js";

const COPIED = _("Copied. Paste it where you need it.");
const NOT_COPIED = _("It was not copied. Download it instead.");

/**
 * @param {HTMLElement} page of an image
 * @param {() => string} findAddress of the full-size PNG
 */
export function prepareTaking(page, findAddress) {
  const button = /** @type {HTMLElement | null} */ (page.querySelector("[data-copy]"));
  const says = page.querySelector("[data-viewer-says]");
  // Browsers let pages write pictures there over https alone, and some not at all.
  if (
    button &&
    navigator.clipboard &&
    "write" in navigator.clipboard &&
    "ClipboardItem" in window
  ) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const copied = await copyPicture(findAddress());
      if (says) says.textContent = copied ? COPIED : NOT_COPIED;
    });
  }
  page.addEventListener("dragstart", (event) => carryOut(page, event, findAddress()));
}

/** @param {string} address @returns {Promise<boolean>} */
async function copyPicture(address) {
  const picture = fetch(address).then((response) => {
    if (!response.ok) throw new Error(String(response.status));
    return response.blob();
  });
  try {
    // Written at once, filled when it is there: else the press would be over by then.
    const { clipboard } = navigator;
    const { write } = clipboard;
    await write.call(clipboard, [new ClipboardItem({ "image/png": picture })]);
    return true;
  } catch {
    return false;
  }
}

/**
 * Dropped on a desktop or in a folder, the picture or its link becomes the full-size file under its
 * own name, in browsers that know `DownloadURL`. It counts as a download.
 * @param {HTMLElement} page
 * @param {DragEvent} event
 * @param {string} address
 */
function carryOut(page, event, address) {
  const { target, dataTransfer } = event;
  const dragged =
    target instanceof Element && target.closest('[data-after], [data-link="cutout_png"]');
  if (!dragged || !address || !dataTransfer) return;
  const name = page.querySelector("[data-name]")?.textContent ?? "";
  const file = `${name.replace(/(?<=.)\.[^.]*$/s, "") || "photo"}-cutout.png`.replaceAll(":", "-");
  const full = new URL(`${address}?download=1`, location.href).href;
  dataTransfer.setData("DownloadURL", `image/png:${file}:${full}`);
  dataTransfer.effectAllowed = "copy";
}
