/**
 * The gallery by keyboard: arrows lead from card to card, with Shift they choose what they pass,
 * Ctrl+A chooses all, Enter opens. Space ticks a box by itself.
 */
import { step } from "../pure/grid.js";

const STEPS = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"]);

/**
 * @param {HTMLElement} root
 * @param {{all: () => void, reach: (from: string, to: string) => void}} picking
 */
export function listenForSteps(root, picking) {
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "a" || !(event.ctrlKey || event.metaKey)) return;
    if (event.shiftKey || event.altKey || isText(event.target) || isBusyElsewhere()) return;
    event.preventDefault();
    picking.all();
  });
  root.addEventListener("keydown", (event) => {
    const card = event.target instanceof Element ? event.target.closest("[data-card]") : null;
    if (!card || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" && isBox(event.target)) {
      event.preventDefault(); // It would press a button of the form that the box belongs to.
      open(card);
    } else if (STEPS.has(event.key)) {
      event.preventDefault();
      const [from, to] = [idOf(card), idOf(walk(root, card, event.key))];
      if (event.shiftKey && from && to) picking.reach(from, to);
    }
  });
}

/** @param {Element} card */
function open(card) {
  /** @type {HTMLElement | null} */ (card.querySelector("[data-name][href]"))?.click();
}

/** @param {Element | undefined} card */
function idOf(card) {
  return /** @type {HTMLElement | undefined} */ (card)?.dataset.id;
}

/** @param {HTMLElement} root @param {Element} card @param {string} key */
function walk(root, card, key) {
  const cards = /** @type {Element[]} */ ([...root.querySelectorAll("[data-card]")]);
  const boxes = cards.map((one) => one.getBoundingClientRect());
  const to = /** @type {HTMLElement | undefined} */ (cards[step(boxes, cards.indexOf(card), key)]);
  const box = /** @type {HTMLElement | null} */ (to?.querySelector("[data-pick]:not(:disabled)"));
  // Of an erased one there is nothing to choose, but it is a step on the way.
  if (to && !box) to.tabIndex = -1;
  (box ?? to)?.focus({ preventScroll: true });
  to?.scrollIntoView({ block: "nearest" });
  return to;
}

/** @param {EventTarget | null} target */
function isBox(target) {
  return target instanceof HTMLInputElement && target.type === "checkbox";
}

/** @param {EventTarget | null} target */
function isText(target) {
  return (
    target instanceof HTMLElement &&
    !isBox(target) &&
    target.matches("input, textarea, select, [contenteditable]")
  );
}

function isBusyElsewhere() {
  return document.querySelector("dialog[open]") !== null;
}
