/** The studio: photos in, cutouts out, on one page. */
import { eraseImage } from "./parts/api.js";
import { makeCard, showErased, showUnsent } from "./parts/card.js";
import { startClock } from "./parts/clock.js";
import { listenForErase, nameOf, removeCard } from "./parts/erasing.js";
import { focusCard } from "./parts/focus.js";
import { reloadWhenRestored } from "./parts/restored.js";
import { listenForFiles } from "./parts/intake.js";
import { listenForDownloads } from "./parts/leaving.js";
import { prepareLife } from "./parts/life.js";
import { listenForMenus } from "./parts/menus.js";
import { prepareModel } from "./parts/model.js";
import { listenForResume } from "./parts/notices.js";
import { prepareProgress, say } from "./parts/say.js";
import { trackCards } from "./parts/tracking.js";
import { prepareUploads } from "./parts/uploads.js";
import { makeKey } from "./pure/keys.js";
import { isWorthRetrying } from "./pure/retry.js";
import { countPhotos } from "./pure/states.js";

/** @template {Element} T @param {string} selector @returns {T} */
const need = (selector) => {
  const element = document.querySelector(selector);
  if (!element) throw new Error(`The page has no ${selector}`);
  return /** @type {T} */ (element);
};

const studio = /** @type {HTMLElement} */ (need("[data-studio]"));
const list = /** @type {HTMLElement} */ (need("[data-cards]"));
const template = /** @type {HTMLTemplateElement} */ (need("[data-card-template]"));
const dropzone = /** @type {HTMLElement} */ (need("[data-dropzone]"));
const input = /** @type {HTMLElement} */ (need("[data-input]"));
const summary = need("[data-summary]");
const url = studio.dataset.imagesUrl ?? "";
const limits = {
  max_bytes: Number(dropzone.dataset.maxBytes),
  max_pixels: Number(dropzone.dataset.maxPixels),
};

const allCards = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[data-card]")]);

const tellProgress = prepareProgress();
let frame = 0;
/** Many files move at once; one look per frame is enough. */
const refresh = () => {
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(() => {
    const cards = allCards();
    studio.toggleAttribute("data-empty", cards.length === 0);
    const sentence = tellProgress(cards.map((card) => card.dataset.state ?? ""));
    const words = sentence || `${countPhotos(cards.length)}, newest first`;
    if (summary.textContent !== words) summary.textContent = words;
  });
};

const tracking = trackCards(url, refresh);
const life = prepareLife();
const model = prepareModel();
const uploads = prepareUploads(url, limits, { onChange: refresh, onSent: tracking.watch });

listenForFiles((files) => {
  const chosen = { erase_after: life(), model: model(), batch: makeKey() };
  const cards = files.map((file) => makeCard(template, file.name));
  studio.removeAttribute("data-empty");
  list.prepend(...cards);
  // In the order of the page: a file is queued when its first bytes have been read.
  void files.reduce(
    (before, file, index) => before.then(() => uploads.start(file, cards[index], chosen)),
    Promise.resolve(),
  );
});

/** @param {HTMLElement} card */
function takeAway(card) {
  uploads.release(card);
  if (card.dataset.id) tracking.forget(card.dataset.id);
  removeCard(card, input);
  refresh();
}

list.addEventListener("click", ({ target }) => {
  const button = target instanceof Element ? target.closest("[data-act]") : null;
  const card = /** @type {HTMLElement | null} */ (button?.closest("[data-card]"));
  if (!button || !card) return;
  const act = button.getAttribute("data-act");
  if (act === "dismiss" || act === "cancel") takeAway(card);
  if (act === "retry") retry(card);
});

/** A failed image makes room for its next go. @param {HTMLElement} card */
function retry(card) {
  const { id, url: old } = card.dataset;
  focusCard(card); // Its button goes with the problem.
  if (id && old) {
    tracking.forget(id);
    showUnsent(card);
    // What stays of it is erased at its hour in any case.
    eraseImage(old).catch(() => undefined);
  }
  uploads.retry(card);
}

list.addEventListener("card:ended", (event) => {
  const card = /** @type {HTMLElement} */ (event.target);
  const { error } = /** @type {CustomEvent} */ (event).detail;
  const again = error && uploads.has(card) && isWorthRetrying(error.code);
  if (again) card.querySelector('[data-act="retry"]')?.removeAttribute("hidden");
  else uploads.release(card);
});

listenForErase(list, (card) => {
  say(`${nameOf(card)} is erased.`);
  takeAway(card);
});
/** @param {HTMLElement} card */
function letGo(card) {
  uploads.release(card);
  showErased(card);
}

listenForDownloads(list, url, letGo);
listenForMenus();
listenForResume(() => {
  uploads.resume();
  tracking.resume();
});
startClock(studio.dataset.serverTime, letGo);

reloadWhenRestored(() => !uploads.isBusy());
addEventListener("beforeunload", (event) => {
  if (uploads.isBusy()) event.preventDefault();
});

for (const card of allCards()) {
  if (card.dataset.state === "queued" || card.dataset.state === "running") tracking.watch(card);
}
refresh();
