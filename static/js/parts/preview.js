/** The photo itself, drawn by the browser from the file that was dropped: nothing is sent for it. */

/**
 * @param {HTMLElement} card
 * @param {File} file
 * @param {string | null} mediaType what the content is; the file's own type may be missing or wrong
 */
export function showPreview(card, file, mediaType) {
  const before = card.querySelector("[data-before]");
  if (!before || !mediaType) return;
  // A URL of the bytes under their true type: a JPEG named .txt is drawn all the same.
  const url = URL.createObjectURL(file.slice(0, file.size, mediaType));
  const release = () => URL.revokeObjectURL(url);
  const picture = new Image();
  picture.alt = "";
  picture.decoding = "async";
  // HEIC and TIFF cannot be drawn in most browsers: the blank sign behind stays in view.
  picture.onerror = () => {
    release();
    picture.remove();
  };
  // Once drawn, the picture no longer needs the address, and nobody else shall use it.
  picture.onload = release;
  picture.src = url;
  before.replaceChildren(picture);
}
