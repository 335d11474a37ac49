/** The photo itself, drawn by the browser from the file that was dropped: nothing is sent for it. */

/** Device pixels of a preview's longer side: sharp on a card, and small enough for hundreds. */
const LONGER_SIDE = 900;
/** Large photos being decoded at once: more would only hold more memory. */
const AT_ONCE = 2;

/** @type {Array<() => Promise<void>>} */
const waiting = [];
let active = 0;

/**
 * @param {HTMLElement} card
 * @param {File} file
 * @param {string | null} mediaType what the content is; the file's own type may be missing or wrong
 */
export function showPreview(card, file, mediaType) {
  const before = card.querySelector("[data-before]");
  if (!before || !mediaType) return;
  waiting.push(async () => {
    // Still wanted? The cutout may have come first, or the card gone.
    if (!card.isConnected || card.querySelector("[data-after] img")) return;
    const drawing = await draw(file.slice(0, file.size, mediaType));
    if (drawing) before.replaceChildren(drawing);
  });
  proceed();
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
 * A small drawing, so that neither the file's bytes nor its full pixels stay in memory.
 * @param {Blob} bytes
 * @returns {Promise<HTMLCanvasElement | null>} null for what the browser cannot draw (HEIC, TIFF)
 */
async function draw(bytes) {
  const picture = new Image();
  picture.src = URL.createObjectURL(bytes);
  try {
    await picture.decode();
    const { naturalWidth: width, naturalHeight: height } = picture;
    const scale = Math.min(1, LONGER_SIDE / Math.max(width, height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    return canvas;
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(picture.src);
  }
}
