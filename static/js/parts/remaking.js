/** Cards of images whose newest version is still being made: its picture comes as soon as it is. */
import { fetchImages } from "./api.js";
import { showFound } from "./card.js";

const EVERY = 1000;
/** Ten minutes: a hundred large photos on a busy machine. */
const GOES = 600;

/** @param {HTMLElement} root @param {string} url the address of the batch */
export async function followVersions(root, url) {
  const found = /** @type {HTMLElement[]} */ ([...root.querySelectorAll("[data-making]")]);
  const cards = new Map(found.map((card) => [card.dataset.id ?? "", card]));
  for (let go = 0; cards.size && go < GOES; go += 1) {
    await new Promise((resolve) => setTimeout(resolve, EVERY));
    const images = await askAgain(url, [...cards.keys()]);
    for (const image of images) {
      const card = cards.get(image.id);
      if (!card || card.dataset.making !== String(image.version)) continue;
      showVersion(card, image);
      cards.delete(image.id);
    }
  }
}

/** @param {string} url @param {string[]} ids @returns {Promise<import("./api.js").Image[]>} */
async function askAgain(url, ids) {
  try {
    return (await fetchImages(url, ids)).images;
  } catch {
    return []; // The next time, perhaps.
  }
}

/** @param {HTMLElement} card @param {import("./api.js").Image} image */
function showVersion(card, image) {
  const picture = /** @type {HTMLImageElement | null} */ (card.querySelector("[data-after] img"));
  const address = image.links.thumbnail ?? image.links.preview;
  // The address is the same for every version: without more the browser would keep the picture.
  if (picture && address) picture.src = `${address}?version=${image.version}`;
  delete card.dataset.making;
  showFound(card, image); // No longer that its version is on the way.
}
