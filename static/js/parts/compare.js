/** Before and after on the image page; the original is fetched only when it is asked for. */
import { prepareSplit } from "./split.js";
import { _ } from "../pure/words.js";

const NOT_DRAWN = _("This browser cannot show the original. Download it to see it.");
/** CSS pixels beside the line that still take hold of it. */
const REACH = 24;

/**
 * @param {HTMLElement} page
 * @param {HTMLElement} stage
 * @returns {{isOn: () => boolean, hold: (x: number, anywhere: boolean) => ((x: number) => void) |
 *   null, toggle: () => Promise<void>, stop: () => void}} `hold` takes the line at a place of the
 *   stage, and gives what moves it
 */
export function prepareCompare(page, stage) {
  const button = page.querySelector('[data-act="compare"]');
  const range = /** @type {HTMLInputElement} */ (stage.querySelector("[data-split]"));
  const moveTo = prepareSplit(stage, range);
  const isOn = () => stage.hasAttribute("data-comparing");
  const show = (/** @type {boolean} */ on) => {
    button?.setAttribute("aria-pressed", String(on));
    stage.toggleAttribute("data-comparing", on);
    range.hidden = !on;
  };
  const toggle = async () => {
    const shown = isOn() || (await loadOriginal(page));
    const problem = page.querySelector("[data-viewer-says]");
    if (problem && !shown) problem.textContent = NOT_DRAWN;
    show(shown && !isOn() && page.dataset.state === "done");
    if (isOn()) range.focus({ preventScroll: true });
  };
  button?.addEventListener("click", () => void toggle());
  return {
    isOn,
    toggle,
    stop: () => show(false),
    hold: (x, anywhere) => {
      const { width } = stage.getBoundingClientRect();
      const line = (Number(range.value) / 100) * width;
      if (!isOn() || (!anywhere && Math.abs(x - line) > REACH)) return null;
      moveTo(x / width);
      return (to) => moveTo(to / width);
    },
  };
}

/**
 * @param {HTMLElement} page
 * @returns {Promise<boolean>} whether it can be seen
 */
async function loadOriginal(page) {
  const before = page.querySelector("[data-before]");
  const address = page.querySelector('[data-link="original"]')?.getAttribute("href");
  if (!before || !address) return false;
  if (before.querySelector("img")) return true;
  const picture = new Image();
  picture.alt = _("The original photo");
  picture.draggable = false;
  picture.src = address.replace(/\?.*$/, "");
  try {
    await picture.decode();
  } catch {
    return false;
  }
  // Erased while it was on its way: it is not shown any more.
  if (page.dataset.state !== "done") return false;
  before.replaceChildren(picture);
  return true;
}
