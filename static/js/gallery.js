/** The gallery: everything that is still there, by day; select and erase. */
import { eraseImages } from "./parts/api.js";
import { showErased } from "./parts/card.js";
import { startClock } from "./parts/clock.js";
import { confirmErase } from "./parts/confirm.js";
import { focusCard } from "./parts/focus.js";
import { dropEmptyDays, regroup } from "./parts/grouping.js";
import { listenForDownloads } from "./parts/leaving.js";
import { listenForResume, noteAnswer } from "./parts/notices.js";
import { preparePicking } from "./parts/picking.js";
import { reloadWhenRestored } from "./parts/restored.js";
import { prepareProgress, say, sayFailure } from "./parts/say.js";
import { trackCards } from "./parts/tracking.js";
import { countImages } from "./pure/states.js";

const gallery = /** @type {HTMLElement} */ (document.querySelector("[data-gallery]"));
const days = /** @type {HTMLElement | null} */ (gallery.querySelector("[data-days]"));
const bar = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-selection]"));
const dialog = /** @type {HTMLDialogElement} */ (document.querySelector("[data-confirm]"));

const allCards = () => /** @type {HTMLElement[]} */ ([...gallery.querySelectorAll("[data-card]")]);
const findCard = (/** @type {string} */ id) =>
  /** @type {HTMLElement | null} */ (gallery.querySelector(`[data-card][data-id="${id}"]`));

const picking = days && bar ? preparePicking(gallery, bar) : null;

const tellProgress = prepareProgress();
const lookAtStates = () => tellProgress(allCards().map((card) => card.dataset.state ?? ""));
const tracking = trackCards(gallery.dataset.imagesUrl ?? "", lookAtStates);

gallery.addEventListener("card:erased", ({ target }) => {
  picking?.remove(/** @type {HTMLElement} */ (target).dataset.id ?? "");
});

/** @param {string[]} ids */
function takeAway(ids) {
  const next = findNext(ids);
  for (const id of ids) {
    findCard(id)?.remove();
    picking?.remove(id);
    tracking.forget(id);
  }
  if (days) dropEmptyDays(days);
  if (next) focusCard(next); // The bar with its button is about to sink.
  countDown(ids.length);
  say(`${countImages(ids.length)} erased.`);
  // Nothing left on this page: the server knows what comes next, or that nothing does.
  if (!allCards().length) location.assign(location.pathname + location.search);
}

/** The card that stands where the last of these stood. @param {string[]} ids */
function findNext(ids) {
  const stays = (/** @type {HTMLElement} */ card) => !ids.includes(card.dataset.id ?? "");
  const cards = allCards();
  const last = cards.findLastIndex((card) => !stays(card));
  return cards.slice(last + 1).find(stays) ?? cards.slice(0, last + 1).findLast(stays);
}

/** @param {number} erased */
function countDown(erased) {
  const total = /** @type {HTMLElement | null} */ (gallery.querySelector("[data-total]"));
  if (!total) return;
  const left = Number(total.dataset.total) - erased;
  total.dataset.total = String(left);
  total.textContent = `${countImages(left)}, newest first`;
}

/** @param {string[]} ids */
async function eraseChosen(ids) {
  const words = countImages(ids.length);
  const act = `Erase ${words} now`;
  if (!(await confirmErase(dialog, { title: `Erase ${words} now?`, act }))) return;
  // Not `disabled`: that would throw away the focus.
  const button = bar?.querySelector('[data-act="erase"]');
  button?.setAttribute("aria-disabled", "true");
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
    button?.removeAttribute("aria-disabled");
  }
}

bar?.addEventListener("submit", (event) => {
  if (event.submitter?.hasAttribute("formaction")) return; // It leads to another page.
  event.preventDefault();
  const ids = picking?.chosen() ?? [];
  const isErasing = bar.querySelector('[data-act="erase"][aria-disabled]');
  if (ids.length && !isErasing) void eraseChosen(ids);
});

listenForDownloads(gallery, gallery.dataset.imagesUrl ?? "", showErased);
listenForResume(tracking.resume);
reloadWhenRestored();
startClock(gallery.dataset.serverTime, showErased);
if (days) regroup(days);
for (const card of allCards()) {
  if (card.dataset.state === "queued" || card.dataset.state === "running") tracking.watch(card);
}
