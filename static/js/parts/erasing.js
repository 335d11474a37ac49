/** "Erase now" on one card. */
import { eraseImage } from "./api.js";
import { focusCard } from "./focus.js";
import { noteAnswer } from "./notices.js";
import { sayFailure } from "./say.js";
import { _, fill } from "../pure/words.js";

/**
 * @param {HTMLElement} root
 * @param {(card: HTMLElement) => void} onErased
 */
export function listenForErase(root, onErased) {
  root.addEventListener("submit", (event) => {
    const form = event.target instanceof Element && event.target.closest("[data-erase]");
    const card = form && /** @type {HTMLElement | null} */ (form.closest("[data-card]"));
    if (!card) return;
    event.preventDefault();
    void erase(card).then((gone) => gone && onErased(card));
  });
}

/** @param {HTMLElement} card @returns {Promise<boolean>} whether it is gone */
async function erase(card) {
  const { url } = card.dataset;
  const button = card.querySelector("[data-erase] button");
  if (!url || button?.ariaDisabled) return false;
  // Not `disabled`: that would throw away the focus.
  button?.setAttribute("aria-disabled", "true");
  showWords(card, _("Being erased"));
  try {
    await eraseImage(url);
    return true;
  } catch (refusal) {
    noteAnswer(refusal);
    showWords(card, _("Not erased. Try again."));
    const { message } = /** @type {Error} */ (refusal);
    sayFailure(nameOf(card), fill(_("Not erased. %(why)s"), { why: message }));
    button?.removeAttribute("aria-disabled");
    return false;
  }
}

/** @param {HTMLElement} card @param {string} words */
function showWords(card, words) {
  const label = card.querySelector("[data-state-words]");
  if (label) label.textContent = words;
}

/** @param {HTMLElement} card */
export function nameOf(card) {
  return card.querySelector("[data-name]")?.textContent ?? "";
}

/**
 * Takes a card off the page; the focus, if it was inside, goes to its neighbour.
 * @param {HTMLElement} card
 * @param {HTMLElement | null} [last] where the focus goes when no card is left
 */
export function removeCard(card, last = null) {
  if (card.contains(document.activeElement)) {
    const neighbour = card.nextElementSibling ?? card.previousElementSibling;
    if (neighbour instanceof HTMLElement) focusCard(neighbour);
    else last?.focus();
  }
  card.remove();
}
