/** The gallery: everything that is still there, by day; find, select, download, tag, erase. */
import { eraseImages, tagImages } from "./parts/api.js";
import { showErased } from "./parts/card.js";
import { startClock } from "./parts/clock.js";
import { confirmErase } from "./parts/confirm.js";
import { focusCard } from "./parts/focus.js";
import { dropEmptyDays, regroup } from "./parts/grouping.js";
import { listenForDownloads } from "./parts/leaving.js";
import { listenForMenus } from "./parts/menus.js";
import { prepareMore } from "./parts/more.js";
import { listenForResume, noteAnswer } from "./parts/notices.js";
import { preparePicking } from "./parts/picking.js";
import { followVersions } from "./parts/remaking.js";
import { reloadWhenRestored } from "./parts/restored.js";
import { prepareProgress, say, sayFailure, sayLittle } from "./parts/say.js";
import { trackCards } from "./parts/tracking.js";
import { listenForSteps } from "./parts/walking.js";
import { askInZone } from "./parts/zone.js";
import { countImages } from "./pure/states.js";
import { _, fill, ngettext } from "./pure/words.js";

const gallery = /** @type {HTMLElement} */ (document.querySelector("[data-gallery]"));
const days = /** @type {HTMLElement | null} */ (gallery.querySelector("[data-days]"));
const bar = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-selection]"));
const dialog = /** @type {HTMLDialogElement} */ (document.querySelector("[data-confirm]"));

const allCards = () => /** @type {HTMLElement[]} */ ([...gallery.querySelectorAll("[data-card]")]);
const findCard = (/** @type {string} */ id) =>
  /** @type {HTMLElement | null} */ (gallery.querySelector(`[data-card][data-id="${id}"]`));

const picking = days && bar ? preparePicking(gallery, bar) : null;

const downloads = listenForDownloads(gallery, gallery.dataset.imagesUrl ?? "", showErased);
/** @type {ReturnType<typeof prepareMore> | null} */
let more = null;

const tellProgress = prepareProgress();
const lookAtStates = () => tellProgress(allCards().map((card) => card.dataset.state ?? ""));
const tracking = trackCards(gallery.dataset.imagesUrl ?? "", lookAtStates);

gallery.addEventListener("card:erased", ({ target }) => {
  picking?.remove(/** @type {HTMLElement} */ (target).dataset.id ?? "");
});

gallery.addEventListener("card:ended", (event) => {
  sayLittle(/** @type {CustomEvent} */ (event).detail);
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
  const count = ids.length;
  say(fill(ngettext("%(count)s image erased.", "%(count)s images erased.", count), { count }));
  // Nothing left on this page: the server knows what comes next, or that nothing does.
  if (!allCards().length) location.assign(location.pathname + location.search);
  else more?.look();
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
  const sentence = ngettext(
    "%(count)s image, newest first",
    "%(count)s images, newest first",
    left,
  );
  total.textContent = fill(sentence, { count: left });
}

/** @param {string[]} ids */
async function eraseChosen(ids) {
  const count = ids.length;
  const title = ngettext("Erase %(count)s image now?", "Erase %(count)s images now?", count);
  const act = ngettext("Erase %(count)s image now", "Erase %(count)s images now", count);
  const words = { title: fill(title, { count }), act: fill(act, { count }) };
  if (!(await confirmErase(dialog, words))) return;
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
    const sentence = fill(_("Not erased. %(why)s"), { why: message });
    const said = bar?.querySelector("[data-count]");
    if (said) said.textContent = sentence;
    sayFailure(countImages(count), sentence);
  } finally {
    button?.removeAttribute("aria-disabled");
  }
}

/** @param {string[]} ids @param {HTMLButtonElement} button */
async function tagChosen(ids, button) {
  const field = /** @type {HTMLInputElement | null} */ (bar?.querySelector("[data-tag-word]"));
  const said = bar?.querySelector("[data-tag-said]");
  const tell = (/** @type {string} */ sentence) => said && (said.textContent = sentence);
  const act = button.value === "remove" ? "remove" : "add";
  if (!field || button.ariaDisabled) return;
  button.setAttribute("aria-disabled", "true");
  try {
    const { word, tagged, full } = await tagImages(button.formAction, ids, field.value, act);
    noteAnswer(null);
    tell(nameTagged(act, { word, tagged, full }));
    field.value = "";
    field.focus();
  } catch (refusal) {
    noteAnswer(refusal);
    tell(/** @type {Error} */ (refusal).message);
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

/** @param {"add" | "remove"} act @param {{word: string, tagged: number, full: number}} answer */
function nameTagged(act, { word, tagged, full }) {
  const on = ngettext(
    "“%(word)s” is on %(tagged)s image.",
    "“%(word)s” is on %(tagged)s images.",
    tagged,
  );
  const off = ngettext(
    "“%(word)s” is off %(tagged)s image.",
    "“%(word)s” is off %(tagged)s images.",
    tagged,
  );
  const done = fill(act === "add" ? on : off, { word, tagged });
  if (!full) return done;
  const others = ngettext(
    "%(full)s image has 20 tags already.",
    "%(full)s images have 20 tags already.",
    full,
  );
  return `${done} ${fill(others, { full })}`;
}

/** The form itself downloads; what goes with it is watched. @param {string[]} ids @param {string} file */
function watchDownload(ids, file) {
  if (!file.startsWith("cutout.")) return;
  downloads.watch(ids.flatMap((id) => findCard(id) ?? []));
}

/** @param {string[]} ids @param {HTMLButtonElement} button */
function doTo(ids, button) {
  const isTag = button.dataset.act === "tag" || button.dataset.act === "untag";
  if (isTag) void tagChosen(ids, button);
  else if (button.dataset.act === "erase" && !button.ariaDisabled) void eraseChosen(ids);
}

bar?.addEventListener("submit", (event) => {
  const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
  const leads = button?.dataset.act === "share" || button?.dataset.act === "edit";
  if (leads) return; // To another page.
  const ids = picking?.chosen() ?? [];
  if (button?.dataset.act === "download" && ids.length) {
    watchDownload(ids, button.value);
    return;
  }
  event.preventDefault();
  if (button && ids.length) doTo(ids, button);
});

/** @param {HTMLElement[]} cards */
function follow(cards) {
  for (const card of cards) {
    if (card.dataset.state === "queued" || card.dataset.state === "running") tracking.watch(card);
  }
}

listenForMenus();
listenForResume(tracking.resume);
reloadWhenRestored();
startClock(gallery.dataset.serverTime, showErased);
askInZone(gallery);
if (days) regroup(days);
if (picking) listenForSteps(gallery, picking);
follow(allCards());
void followVersions(gallery, gallery.dataset.imagesUrl ?? "");
more = days
  ? prepareMore(gallery, days, (cards) => {
      picking?.append(cards);
      follow(cards);
      document.dispatchEvent(new Event("clock:changed"));
    })
  : null;
