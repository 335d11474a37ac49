/** The eraser: the cutout takes the photo's place from left to right, once it can be drawn. */

/** Longer than the wipe; a hidden card never tells that its animation ended. */
const WIPE_END = 1000;

/**
 * @param {HTMLElement} card
 * @param {string} address the cutout's picture
 */
export function reveal(card, address) {
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
    // A later answer may name it again; until then the photo itself stays in view.
    () => delete after.dataset.address,
  );
}

/** @param {HTMLElement} card */
function wipe(card) {
  const stage = /** @type {HTMLElement | null} */ (card.querySelector("[data-stage]"));
  const before = card.querySelector("[data-before]");
  if (!stage) return;
  stage.dataset.wiping = "";
  const finish = () => {
    delete stage.dataset.wiping;
    before?.replaceChildren();
  };
  stage.addEventListener("animationend", ({ animationName }) => {
    if (animationName === "wipe") finish();
  });
  setTimeout(finish, WIPE_END);
}
