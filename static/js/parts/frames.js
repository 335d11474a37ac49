/** Work in small pieces, so that the page answers between them. */

/** A page in the background draws no frames. */
const LONGEST = 100;

/** The next frame, or what stands for it. @returns {Promise<void>} */
export function nextFrame() {
  return new Promise((resolve) => {
    requestAnimationFrame(() => resolve());
    setTimeout(resolve, LONGEST);
  });
}
