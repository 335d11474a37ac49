/** The studio: photos in, cutouts out, on one page. */
import { eraseImage } from "./parts/api.js";
import { prepareArchive } from "./parts/archive.js";
import { layOut } from "./parts/batch.js";
import { showErased, showUnsent } from "./parts/card.js";
import { startClock } from "./parts/clock.js";
import { listenForErase, nameOf, removeCard } from "./parts/erasing.js";
import { focusCard } from "./parts/focus.js";
import { reloadWhenRestored } from "./parts/restored.js";
import { listenForFiles } from "./parts/intake.js";
import { listenForDownloads } from "./parts/leaving.js";
import { prepareLife } from "./parts/life.js";
import { listenForMenus } from "./parts/menus.js";
import { isModelAChoice, prepareModel } from "./parts/model.js";
import { listenForResume } from "./parts/notices.js";
import { listenForReady } from "./parts/ready.js";
import { prepareProgress, say, sayLittle } from "./parts/say.js";
import { trackCards } from "./parts/tracking.js";
import { prepareUploads } from "./parts/uploads.js";
import { makeKey } from "./pure/keys.js";
import { isWorthRetrying } from "./pure/retry.js";
import { _, fill, ngettext } from "./pure/words.js";

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
const urls = { images: url, uploads: studio.dataset.uploadsUrl ?? "" };
const limits = {
  max_bytes: Number(dropzone.dataset.maxBytes),
  max_pixels: Number(dropzone.dataset.maxPixels),
};

const allCards = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[data-card]")]);

/** @type {ReturnType<typeof import("./parts/sending.js").prepareBar> | undefined} */
let bar;
/** Nothing until it is loaded. */
let showBar = () => {};
/** Until it is prepared. */
let tellArchive = () => {};
const tellProgress = prepareProgress();
const tellReady = listenForReady(list, document.querySelector("[data-send-all]"));
/** @param {number} count */
const nameAll = (count) =>
  fill(ngettext("%(count)s photo, newest first", "%(count)s photos, newest first", count), {
    count,
  });
let frame = 0;
/** Many files move at once; one look per frame is enough. */
const refresh = () => {
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(() => {
    const cards = allCards();
    studio.toggleAttribute("data-empty", cards.length === 0);
    const sentence = tellProgress(cards.map((card) => card.dataset.state ?? ""));
    const words = sentence || nameAll(cards.length);
    if (summary.textContent !== words) summary.textContent = words;
    showBar();
    tellReady();
    tellArchive();
  });
};

document.addEventListener("cards:ready", refresh);
const tracking = trackCards(url, refresh);
const life = prepareLife();
const model = prepareModel();
const uploads = prepareUploads(urls, limits, { onChange: refresh, onSent: tracking.watch });

/** Loaded with the first photos; without it they are sent all the same. */
async function loadBar() {
  const loaded = await import("./parts/sending.js").catch(() => null);
  if (!loaded || bar) return;
  const { pause, goOn, counts, isPaused } = uploads;
  const acts = {
    pause,
    goOn,
    retry: () => uploads.failed().forEach((card) => uploads.retry(card, model())),
    open: () => uploads.open().length,
    cancel: () => uploads.open().forEach(takeAway),
  };
  const made = loaded.prepareBar(acts, { place: input, onChange: refresh });
  bar = made;
  showBar = () => made.show(counts(), isPaused());
  refresh();
}

/** A file is queued when its first bytes have been read: in the order of the page. */
let queued = Promise.resolve();

listenForFiles((files) => {
  const chosen = { erase_after: life(), model: model(), batch: makeKey() };
  studio.removeAttribute("data-empty");
  if (uploads.isMuch(files)) void loadBar();
  void layOut(list, template, files, (file, card) => {
    uploads.expect(card, file);
    queued = queued.then(() => uploads.start(file, card, chosen));
  });
  refresh();
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
  uploads.retry(card, model());
}

list.addEventListener("card:ended", (event) => {
  const card = /** @type {HTMLElement} */ (event.target);
  const image = /** @type {CustomEvent} */ (event).detail;
  const { error } = image;
  const again = error && uploads.has(card) && isWorthRetrying(error.code, isModelAChoice());
  sayLittle(image);
  if (again) card.querySelector('[data-act="retry"]')?.removeAttribute("hidden");
  else uploads.release(card);
});

listenForErase(list, (card) => {
  say(fill(_("%(name)s is erased."), { name: nameOf(card) }));
  takeAway(card);
});
/** @param {HTMLElement} card */
function letGo(card) {
  uploads.release(card);
  showErased(card);
  refresh();
}

const downloads = listenForDownloads(list, url, letGo);
tellArchive = prepareArchive(need("[data-download-all]"), allCards, {
  isBusy: uploads.isBusy,
  onDownload: downloads.watch,
});
listenForMenus();
listenForResume(() => {
  uploads.resume();
  tracking.resume();
});
startClock(studio.dataset.serverTime, letGo);

reloadWhenRestored(() => !uploads.isBusy());
addEventListener("beforeunload", (event) => {
  if (!uploads.isBusy()) return; // What waits and was covered would be lost, too.
  event.preventDefault();
  bar?.warn([...uploads.open(), ...uploads.failed()].map(nameOf));
});

for (const card of allCards()) {
  if (card.dataset.state === "queued" || card.dataset.state === "running") tracking.watch(card);
}
refresh();
