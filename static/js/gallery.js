/** The gallery: everything that is still there, by day; select and erase. */
import { eraseImages } from "./parts/api.js";
import { showErased } from "./parts/card.js";
import { startClock } from "./parts/clock.js";
import { confirmErase } from "./parts/confirm.js";
import { dropEmptyDays, regroup } from "./parts/grouping.js";
import { listenForResume, noteAnswer } from "./parts/notices.js";
import { preparePicking } from "./parts/picking.js";
import { say, sayFailure } from "./parts/say.js";
import { trackCards } from "./parts/tracking.js";
import { countImages, summarise } from "./pure/states.js";

const gallery = /** @type {HTMLElement} */ (document.querySelector("[data-gallery]"));
const days = /** @type {HTMLElement | null} */ (gallery.querySelector("[data-days]"));
const bar = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-selection]"));
const dialog = /** @type {HTMLDialogElement} */ (document.querySelector("[data-confirm]"));

const allCards = () => /** @type {HTMLElement[]} */ ([...gallery.querySelectorAll("[data-card]")]);
const findCard = (/** @type {string} */ id) =>
  /** @type {HTMLElement | null} */ (gallery.querySelector(`[data-card][data-id="${id}"]`));

const picking = days && bar ? preparePicking(gallery, bar) : null;

const tracking = trackCards(gallery.dataset.imagesUrl ?? "", () => {
  say(summarise(allCards().map((card) => card.dataset.state ?? "")));
});

gallery.addEventListener("card:erased", ({ target }) => {
  picking?.remove(/** @type {HTMLElement} */ (target).dataset.id ?? "");
});

/** @param {string[]} ids */
function takeAway(ids) {
  for (const id of ids) {
    findCard(id)?.remove();
    picking?.remove(id);
    tracking.forget(id);
  }
  if (days) dropEmptyDays(days);
  say(`${countImages(ids.length)} erased.`);
  // Nothing left on this page: the server knows what comes next, or that nothing does.
  if (!allCards().length) location.assign(location.pathname);
}

/** @param {string[]} ids */
async function eraseChosen(ids) {
  const words = countImages(ids.length);
  const act = `Erase ${words} now`;
  if (!(await confirmErase(dialog, { title: `Erase ${words} now?`, act }))) return;
  const button = bar?.querySelector('[data-act="erase"]');
  button?.toggleAttribute("disabled", true);
  try {
    await eraseImages(bar?.getAttribute("action") ?? "", ids);
    noteAnswer(null);
    takeAway(ids);
  } catch (refusal) {
    noteAnswer(refusal);
    const { message } = /** @type {Error} */ (refusal);
    const count = bar?.querySelector("[data-count]");
    if (count) count.textContent = `Not erased. ${message}`;
    sayFailure(words, `Not erased. ${message}`);
  } finally {
    button?.toggleAttribute("disabled", false);
  }
}

bar?.addEventListener("submit", (event) => {
  event.preventDefault();
  const ids = picking?.chosen() ?? [];
  if (ids.length) void eraseChosen(ids);
});

listenForResume(tracking.resume);
startClock(gallery.dataset.serverTime, showErased);
if (days) regroup(days);
for (const card of allCards()) {
  if (card.dataset.state === "queued" || card.dataset.state === "running") tracking.watch(card);
}
