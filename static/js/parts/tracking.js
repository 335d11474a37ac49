/** Cards and the poll: what the server says of unfinished images, onto their cards as it happens. */
import { Poll } from "../pure/poll.js";
import { fetchImages } from "./api.js";
import { showErased, showImage } from "./card.js";
import { isShown, isSignedOut, noteAnswer, showNotice } from "./notices.js";
import { sayFailure } from "./say.js";

/**
 * @param {string} url the address of the batch
 * @param {() => void} onChange after every answer
 */
export function trackCards(url, onChange) {
  /** @type {Map<string, HTMLElement>} */
  const cards = new Map();
  /** @type {WeakMap<HTMLElement, string>} what was last shown of each, as text */
  const shown = new WeakMap();
  const poll = new Poll({
    ask: (ids) => fetchImages(url, ids),
    later: (run, ms) => setTimeout(run, ms),
    cancel: (timer) => clearTimeout(/** @type {number} */ (timer)),
    now: () => performance.now(),
    onAnswer: ({ images, gone, worker_up: workerUp }) => {
      noteAnswer(null);
      showNotice("worker", !workerUp);
      poll.curious = !workerUp;
      for (const image of images) {
        const card = cards.get(image.id);
        const text = JSON.stringify(image);
        if (!card || shown.get(card) === text) continue;
        shown.set(card, text);
        update(cards, image);
      }
      for (const id of gone) drop(cards, id);
      onChange();
    },
    onTrouble: (error) => {
      noteAnswer(error);
      if (isSignedOut(error)) poll.pause();
    },
  });
  const follow = () => (document.hidden ? poll.pause() : poll.resume());
  poll.curious = isShown("worker");
  follow();
  document.addEventListener("visibilitychange", follow);
  addEventListener("online", () => poll.wake());
  return {
    /** @param {HTMLElement} card of a queued or running image */
    watch(card) {
      const { id } = card.dataset;
      if (!id) return;
      cards.set(id, card);
      poll.watch(id);
    },
    /** @param {string} id */
    forget(id) {
      cards.delete(id);
      poll.forget(id);
    },
    resume: follow,
  };
}

/**
 * @param {Map<string, HTMLElement>} cards
 * @param {import("./api.js").Image} image
 */
function update(cards, image) {
  const card = cards.get(image.id);
  if (!card) return;
  showImage(card, image);
  if (image.state === "failed") sayFailure(image.name, image.error?.message ?? "");
  if (image.state === "failed" || image.state === "done") {
    cards.delete(image.id);
    card.dispatchEvent(new CustomEvent("card:ended", { bubbles: true, detail: image }));
  }
}

/** @param {Map<string, HTMLElement>} cards @param {string} id */
function drop(cards, id) {
  const card = cards.get(id);
  if (card) showErased(card);
  cards.delete(id);
}
