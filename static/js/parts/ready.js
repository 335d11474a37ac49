/** Photos that wait on their cards for a word of their sender: cover parts, send, send all. */
import { find, showState } from "./card.js";
import { focusCard } from "./focus.js";
import { showPreview } from "./preview.js";
import { say, sayFailure } from "./say.js";
import { _ } from "../pure/words.js";

/**
 * @typedef {object} Held
 * @property {File} file
 * @property {string} kind
 * @property {boolean} followed whether what it says besides its picture could be taken out
 */
const UNFOLLOWED = _(
  "What this file says besides its picture cannot be taken out: it is built in a way that is not " +
    "understood here. Covering parts writes it anew, without all of that.",
);

/** @type {WeakMap<HTMLElement, Held & {send: (file: File) => void}>} */
const waiting = new WeakMap();

/** Whether photos that are dropped now are to wait. */
export function isCovering() {
  const box = document.querySelector("[data-cover-first]");
  return box instanceof HTMLInputElement && box.checked;
}

/**
 * @param {HTMLElement} card
 * @param {Held} held
 * @returns {Promise<File>} what is to be sent, once its sender says so
 */
export function hold(card, held) {
  return new Promise((resolve) => {
    waiting.set(card, { ...held, send: resolve });
    showState(card, "ready", held.followed ? {} : { words: _("Waiting for your word") });
    tellTrouble(card, held.followed ? "" : UNFOLLOWED);
    document.dispatchEvent(new Event("cards:ready"));
  });
}

/** @param {HTMLElement} list of cards @param {Element | null} all the button for all of them */
export function listenForReady(list, all) {
  const ready = () =>
    /** @type {HTMLElement[]} */ ([...list.querySelectorAll('[data-card][data-state="ready"]')]);
  list.addEventListener("click", ({ target }) => {
    const act = target instanceof Element ? target.closest("[data-act]") : null;
    const card = /** @type {HTMLElement | null} */ (act?.closest("[data-card]") ?? null);
    if (!card || !waiting.has(card)) return;
    if (act?.getAttribute("data-act") === "send") send(card);
    if (act?.getAttribute("data-act") === "cover") void cover(card);
  });
  // From the page's end: as one would have dropped them.
  all?.addEventListener("click", () => ready().reverse().forEach(send));
  return () => {
    const count = ready().length;
    all?.toggleAttribute("hidden", count === 0);
    const words = all?.querySelector("[data-count]");
    if (words) words.textContent = String(count);
  };
}

/** @param {HTMLElement} card */
function send(card) {
  const held = waiting.get(card);
  if (!held) return;
  waiting.delete(card);
  if (card.contains(document.activeElement)) focusCard(card); // Its button goes.
  showState(card, "checking");
  held.send(held.file);
}

/** @param {HTMLElement} card */
async function cover(card) {
  const held = waiting.get(card);
  const dialog = document.querySelector("[data-cover]");
  if (!held || !(dialog instanceof HTMLDialogElement) || dialog.open) return;
  const { coverPhoto } = await import("./cover.js");
  const maxBytes = Number(
    document.querySelector("[data-dropzone]")?.getAttribute("data-max-bytes"),
  );
  const { file, problem } = await coverPhoto(dialog, held.file, { kind: held.kind, maxBytes });
  if (problem) {
    tellTrouble(card, problem);
    sayFailure(find(card, "name")?.textContent ?? "", problem);
  }
  if (file && waiting.get(card) === held) showCovered(card, { ...held, file, followed: true });
  /** @type {HTMLElement | null} */ (card.querySelector('[data-act="cover"]'))?.focus();
}

/** @param {HTMLElement} card @param {Held & {send: (file: File) => void}} held */
function showCovered(card, held) {
  waiting.set(card, held);
  tellTrouble(card, "");
  showState(card, "ready", { words: _("Ready to be sent, covered") });
  showPreview(card, held.file, held.file.type);
  say(_("The covered photo is ready to be sent."));
}

/** @param {HTMLElement} card @param {string} sentence empty where there is none */
function tellTrouble(card, sentence) {
  const note = find(card, "ready-note");
  if (note) note.textContent = sentence;
  note?.toggleAttribute("hidden", !sentence);
}
