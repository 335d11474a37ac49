/** Before and after on the image page; the original is fetched only when it is asked for. */

const NOT_DRAWN = "This browser cannot show the original. Download it to see it.";

/**
 * @param {HTMLElement} page
 * @param {() => string | undefined} findOriginal its address, once there is one
 */
export function prepareCompare(page, findOriginal) {
  const button = page.querySelector('[data-act="compare"]');
  const split = /** @type {HTMLElement | null} */ (page.querySelector("[data-split]"));
  const slider = split?.querySelector("input");
  const stage = /** @type {HTMLElement | null} */ (page.querySelector("[data-stage]"));
  if (!button || !split || !slider || !stage) return;

  const move = () => stage.style.setProperty("--split", `${slider.value}%`);
  const show = (/** @type {boolean} */ on) => {
    button.setAttribute("aria-pressed", String(on));
    stage.toggleAttribute("data-comparing", on);
    split.hidden = !on;
    if (on) move();
  };
  slider.addEventListener("input", move);
  button.addEventListener("click", async () => {
    const on = button.getAttribute("aria-pressed") === "true";
    const shown = on || (await loadOriginal(page, findOriginal()));
    const problem = page.querySelector("[data-compare-problem]");
    if (problem) problem.textContent = shown ? "" : NOT_DRAWN;
    show(shown && !on);
  });
  dragOnStage(stage, (part) => {
    slider.value = String(part * 100);
    move();
  });
}

/**
 * @param {HTMLElement} page
 * @param {string | undefined} address
 * @returns {Promise<boolean>} whether it can be seen
 */
async function loadOriginal(page, address) {
  const before = page.querySelector("[data-before]");
  if (!before || !address) return false;
  if (before.querySelector("img")) return true;
  const picture = new Image();
  picture.alt = "The original photo";
  picture.src = address;
  try {
    await picture.decode();
  } catch {
    return false;
  }
  before.replaceChildren(picture);
  return true;
}

/**
 * The line between the two follows a press or drag on the picture too.
 * @param {HTMLElement} stage
 * @param {(part: number) => void} moveTo from 0, the left edge, to 1
 */
function dragOnStage(stage, moveTo) {
  const follow = (/** @type {PointerEvent} */ event) => {
    if (!stage.hasAttribute("data-comparing") || !event.buttons) return;
    const { left, width } = stage.getBoundingClientRect();
    moveTo(Math.min(1, Math.max(0, (event.clientX - left) / width)));
  };
  stage.addEventListener("pointerdown", (event) => {
    if (stage.hasAttribute("data-comparing")) stage.setPointerCapture(event.pointerId);
    follow(event);
  });
  stage.addEventListener("pointermove", follow);
}
