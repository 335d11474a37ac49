/** Images that go with their download: after one, the page asks until it is gone. */
import { fetchImages } from "./api.js";
import { find } from "./card.js";

const SHORTEST = 700;
const LONGEST = 15_000;
const PATIENCE = 300_000;

/**
 * @param {HTMLElement} root
 * @param {string} url the address of the batch
 * @param {(card: HTMLElement) => void} onGone
 */
export function listenForDownloads(root, url, onGone) {
  /** @type {Set<string>} */
  const watched = new Set();
  const watch = (/** @type {HTMLElement} */ card, /** @type {string} */ id) => {
    watched.add(id);
    void waitUntilGone(url, id).then((gone) => {
      watched.delete(id);
      if (gone && card.dataset.state !== "erased") onGone(card);
    });
  };
  root.addEventListener("click", ({ target }) => {
    const link = target instanceof Element ? target.closest('[data-link^="cutout"]') : null;
    const card = /** @type {HTMLElement | null} */ (link?.closest("[data-card]") ?? null);
    const id = card?.dataset.id;
    if (!card || !id || watched.has(id) || find(card, "once")?.hidden !== false) return;
    watch(card, id);
  });
  return {
    /** Several that are downloaded in one archive. @param {HTMLElement[]} cards */
    watch(cards) {
      for (const card of cards) {
        const { id } = card.dataset;
        if (id && !watched.has(id) && find(card, "once")?.hidden === false) watch(card, id);
      }
    },
  };
}

/** @param {string} url @param {string} id @returns {Promise<boolean>} */
async function waitUntilGone(url, id) {
  const until = performance.now() + PATIENCE;
  for (let pause = SHORTEST; performance.now() < until; pause = Math.min(LONGEST, pause * 2)) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    // What cannot be asked now is asked again: the image goes at its own time in any case.
    const answer = await fetchImages(url, [id]).catch(() => null);
    if (answer?.gone.includes(id)) return true;
  }
  return false;
}
