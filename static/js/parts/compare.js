/** Before and after on the image page; the original is fetched only when it is asked for. */
import { fetchPicture } from "./fetching.js";
import { prepareSplit } from "./split.js";
import { _ } from "../pure/words.js";

const NOT_DRAWN = _("This browser cannot show the original. Download it to see it.");
const ON_ITS_WAY = _("The original is on its way.");
/** Milliseconds after which a press wants an answer. */
const PATIENCE = 200;
/** What the server draws of a photo that the browser cannot, as the editor shows it. */
const DRAWN = "render?channels=rgb&format=webp&size=2048x2048";
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
  const says = page.querySelector("[data-viewer-says]");
  const say = (/** @type {string} */ words) => {
    if (says) says.textContent = words;
  };
  const load = async () => {
    const later = setTimeout(() => say(ON_ITS_WAY), PATIENCE);
    const shown = await loadOriginal(page);
    clearTimeout(later);
    say(shown ? "" : NOT_DRAWN);
    return shown;
  };
  const toggle = async () => {
    const shown = isOn() || (await load());
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
  const picture =
    (await draw(address.replace(/\?.*$/, ""))) ??
    (await drawForeign(`${page.dataset.url}${DRAWN}`));
  // Erased while it was on its way: it is not shown any more.
  if (!picture || page.dataset.state !== "done") return false;
  before.replaceChildren(picture);
  return true;
}

/** @param {string} address @returns {Promise<HTMLImageElement | null>} */
async function draw(address) {
  const picture = new Image();
  picture.alt = _("The original photo");
  picture.draggable = false;
  picture.src = address;
  try {
    await picture.decode();
  } catch {
    return null;
  }
  return picture;
}

/**
 * HEIC, as phones take it, and TIFF: the server makes a picture of it that every browser knows.
 * @param {string} address
 * @returns {Promise<HTMLImageElement | null>}
 */
async function drawForeign(address) {
  const bytes = await fetchPicture(address).catch(() => null);
  if (!bytes) return null;
  const url = URL.createObjectURL(bytes);
  try {
    return await draw(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}
