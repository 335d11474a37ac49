/**
 * One photo on the page. The markup is the server's (`templates/_fragments/card.html`); here its
 * data attributes are found and filled. The image page carries the same attributes.
 */
import { SHORTFALLS, STATES, isBusy, shortfallOf } from "../pure/states.js";
import { setCountdown, setDay } from "./clock.js";
import { reveal } from "./reveal.js";

/** @typedef {import("../pure/states.js").State} State */

/**
 * @param {HTMLElement} card
 * @param {string} name the attribute without its "data-"
 * @returns {HTMLElement | null}
 */
export function find(card, name) {
  return card.querySelector(`[data-${name}]`);
}

/**
 * A card for a file that the server does not know yet.
 * @param {HTMLTemplateElement} template
 * @param {string} name
 * @returns {HTMLElement}
 */
export function makeCard(template, name) {
  const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
  const card = /** @type {HTMLElement} */ (copy.querySelector("[data-card]"));
  setName(card, name);
  return card;
}

/** @param {HTMLElement} card @param {string} name */
function setName(card, name) {
  const title = find(card, "name");
  if (title && title.textContent !== name) {
    title.textContent = name;
    title.title = name;
  }
  for (const words of card.querySelectorAll("[data-name-words]")) words.textContent = name;
  find(card, "line")?.setAttribute("aria-label", name);
}

/**
 * @param {HTMLElement} card
 * @param {State} state
 * @param {{words?: string, icon?: string, progress?: number}} [more] other words and another icon
 *   than the state's own; the part that is done, from 0 to 1, where it is known
 */
export function showState(card, state, { words, icon, progress } = {}) {
  if (card.dataset.state !== state) card.dataset.state = state;
  nameState(card, words ?? STATES[state].words, `#icon-${icon ?? STATES[state].icon}`);
  const line = /** @type {HTMLProgressElement | null} */ (find(card, "line"));
  if (line && progress !== undefined) line.value = progress;
  else line?.removeAttribute("value");
  if (isBusy(state)) hideProblem(card);
}

/** @param {HTMLElement} card @param {string} words @param {string} icon */
function nameState(card, words, icon) {
  const sign = find(card, "state-icon");
  if (sign && sign.getAttribute("href") !== icon) sign.setAttribute("href", icon);
  const label = find(card, "state-words");
  if (label && label.textContent !== words) label.textContent = words;
}

/**
 * @param {HTMLElement} card
 * @param {string} sentence
 * @param {{retry?: boolean, dismiss?: boolean}} ways what the reader can do about it, here
 */
export function showProblem(card, sentence, { retry = false, dismiss = false } = {}) {
  const problem = find(card, "problem");
  if (problem) problem.textContent = sentence;
  find(card, "trouble")?.toggleAttribute("hidden", false);
  card.querySelector('[data-act="retry"]')?.toggleAttribute("hidden", !retry);
  card.querySelector('[data-act="dismiss"]')?.toggleAttribute("hidden", !dismiss);
}

/** @param {HTMLElement} card */
function hideProblem(card) {
  find(card, "trouble")?.toggleAttribute("hidden", true);
}

/**
 * What the server says about an image, onto its card.
 * @param {HTMLElement} card
 * @param {import("./api.js").Image} image
 */
export function showImage(card, image) {
  card.dataset.id = image.id;
  card.dataset.url = image.url;
  showFound(card, image);
  for (const name of ["name", "frame"]) {
    const link = find(card, name);
    if (link instanceof HTMLAnchorElement) link.href = image.url;
  }
  showLinks(card, image.links);
  showFate(card, image);
  if (image.error) showProblem(card, image.error.message);
  const dense = card.classList.contains("photo-dense");
  const picture = (dense && image.links.thumbnail) || image.links.preview;
  if (picture) reveal(card, picture);
}

/**
 * Its state, and whether there is little or nothing to show for it.
 * @param {HTMLElement} card @param {import("./api.js").Image} image
 */
export function showFound(card, image) {
  const shortfall = shortfallOf(image);
  if (shortfall) card.dataset.found = shortfall;
  else delete card.dataset.found;
  showState(card, image.state, shortfall ? SHORTFALLS[shortfall] : {});
}

/** @param {HTMLElement} card @param {Record<string, string>} links */
function showLinks(card, links) {
  for (const link of card.querySelectorAll("[data-link]")) {
    const address = links[link.getAttribute("data-link") ?? ""];
    if (address) link.setAttribute("href", `${address}?download=1`);
  }
  find(card, "acts")?.toggleAttribute("hidden", !links.cutout_png);
}

/** @param {HTMLElement} card @param {import("./api.js").Image} image */
function showFate(card, image) {
  showEnd(card, image);
  find(card, "edit")?.setAttribute("href", `${image.url}edit/`);
  const erase = find(card, "erase");
  erase?.setAttribute("action", `${image.url}erase/`);
  erase?.toggleAttribute("hidden", false);
  // "Do not send" goes once it is sent; "Erase now" stands in its place.
  const cancel = card.querySelector('[data-act="cancel"]');
  if (cancel && cancel === document.activeElement) erase?.querySelector("button")?.focus();
}

/** Counted down to, or kept. @param {HTMLElement} card @param {import("./api.js").Image} image */
function showEnd(card, image) {
  const end = /** @type {HTMLTimeElement | null} */ (find(card, "countdown"));
  const since = /** @type {HTMLTimeElement | null} */ (find(card, "day-of"));
  find(card, "left")?.toggleAttribute("hidden", image.kept);
  find(card, "kept")?.toggleAttribute("hidden", !image.kept);
  find(card, "once")?.toggleAttribute("hidden", !image.erase_after_download);
  if (!image.kept && end) setCountdown(end, image.purge_at);
  if (!image.kept || !since) return;
  end?.removeAttribute("datetime");
  since.dateTime = image.received_at;
  setDay(since);
  for (const part of card.querySelectorAll("[data-opted-in]")) {
    const time = part.querySelector("time");
    part.toggleAttribute("hidden", !image.opted_in_at);
    if (time && image.opted_in_at) setDay(Object.assign(time, { dateTime: image.opted_in_at }));
  }
}

/**
 * The card is back to a file that the server does not have.
 * @param {HTMLElement} card
 */
export function showUnsent(card) {
  delete card.dataset.id;
  delete card.dataset.url;
  cutOff(card);
}

/**
 * The image is gone from the server: so is everything of it from the page.
 * @param {HTMLElement} card
 */
export function showErased(card) {
  showState(card, "erased");
  hideProblem(card);
  find(card, "before")?.replaceChildren();
  find(card, "after")?.replaceChildren();
  cutOff(card);
  const box = /** @type {HTMLInputElement | null} */ (find(card, "pick"));
  if (box) Object.assign(box, { checked: false, disabled: true });
  card.dispatchEvent(new Event("card:erased", { bubbles: true }));
}

/** Nothing on the card leads to the server any more. @param {HTMLElement} card */
function cutOff(card) {
  delete card.dataset.found;
  for (const name of ["acts", "left", "kept", "erase", "ticket"]) {
    find(card, name)?.toggleAttribute("hidden", true);
  }
  for (const link of card.querySelectorAll("a[href]")) link.removeAttribute("href");
}
