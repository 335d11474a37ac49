/** The eraser: the cutout takes the photo's place from left to right, once it can be drawn. */
import { whenNear } from "./nearness.js";

/** Longer than the wipe; a hidden card never tells that its animation ended. */
const WIPE_END = 1000;
/** How often a picture that does not come is asked for, and the first pause between. */
const GOES = 4;
const FIRST_PAUSE = 1000;

/**
 * @param {HTMLElement} card
 * @param {string} address the cutout's picture
 * @param {number} [go] from 1
 */
export function reveal(card, address, go = 1) {
  // Of hundreds of pictures those are fetched that somebody is about to see.
  whenNear(card, () => fetchPicture(card, address, go));
}

/** @param {HTMLElement} card @param {string} address @param {number} go */
function fetchPicture(card, address, go) {
  const after = /** @type {HTMLElement | null} */ (card.querySelector("[data-after]"));
  if (!after || after.dataset.address === address || after.querySelector("img")) return;
  after.dataset.address = address;
  const picture = new Image();
  picture.alt = after.dataset.alt ?? "";
  picture.src = address;
  picture.decode().then(
    () => {
      after.replaceChildren(picture);
      wipe(card);
    },
    // Until it comes the photo itself stays in view.
    () => {
      delete after.dataset.address;
      if (!card.isConnected || go >= GOES) return;
      setTimeout(() => reveal(card, address, go + 1), FIRST_PAUSE * 2 ** (go - 1));
    },
  );
}

/** @param {HTMLElement} card */
function wipe(card) {
  const stage = /** @type {HTMLElement | null} */ (card.querySelector("[data-stage]"));
  const before = card.querySelector("[data-before]");
  if (!stage) return;
  stage.dataset.wiping = "";
  const ended = new AbortController();
  const finish = () => {
    if (ended.signal.aborted) return;
    ended.abort();
    delete stage.dataset.wiping;
    before?.replaceChildren();
  };
  setTimeout(finish, WIPE_END);
  const onEnd = (/** @type {AnimationEvent} */ { animationName }) => {
    if (animationName === "wipe") finish();
  };
  stage.addEventListener("animationend", onEnd, { signal: ended.signal });
}
