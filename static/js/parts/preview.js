/** The photo itself, drawn by the browser from the file that was dropped: nothing is sent for it. */
import { whenNear } from "./nearness.js";

/** Device pixels of a preview's width: sharp on a card, and small enough for hundreds. */
const WIDTH = 720;
/** Photos being decoded at once: more would only hold more memory. */
const AT_ONCE = 2;

/** @type {Array<() => Promise<void>>} */
const waiting = [];
let active = 0;

/**
 * @param {HTMLElement} card
 * @param {File} file
 * @param {import("../pure/sniff.js").Header} header what the content is; the file's own type may be
 *   missing or wrong
 */
export function showPreview(card, file, { mediaType, width }) {
  const before = card.querySelector("[data-before]");
  if (!before || !mediaType) return;
  const show = async () => {
    // Still wanted? The cutout may have come first, or the card gone.
    if (!card.isConnected || card.querySelector("[data-after] img")) return;
    const drawing = await draw(file.slice(0, file.size, mediaType), width ?? WIDTH);
    if (drawing && !card.querySelector("[data-after] img")) before.replaceChildren(drawing);
  };
  whenNear(card, () => {
    waiting.push(show);
    proceed();
  });
}

function proceed() {
  const next = active < AT_ONCE && waiting.shift();
  if (!next) return;
  active += 1;
  void next().finally(() => {
    active -= 1;
    proceed();
  });
}

/**
 * A small drawing, decoded and made smaller beside the page's own work, so that neither the file's
 * bytes nor its full pixels stay in memory.
 * @param {Blob} bytes
 * @param {number} width of the photo, in pixels
 * @returns {Promise<HTMLCanvasElement | null>} null for what the browser cannot draw (HEIC, TIFF)
 */
async function draw(bytes, width) {
  try {
    const bitmap = await createImageBitmap(bytes, {
      resizeWidth: Math.min(WIDTH, width),
      resizeQuality: "medium",
    });
    const canvas = document.createElement("canvas");
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    // Not handed over as it is: Chromium would show it as stored, without the turn that it says.
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
    bitmap.close();
    return canvas;
  } catch {
    return null;
  }
}
