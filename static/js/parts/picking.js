/** Choosing cards in the gallery, and the bar that says what is chosen. */
import { Selection } from "../pure/selection.js";
import { countImages } from "../pure/states.js";

/**
 * @param {HTMLElement} root
 * @param {HTMLFormElement} bar
 */
export function preparePicking(root, bar) {
  const boxes = new Map(findBoxes(root).map((box) => [box.value, box]));
  const selection = new Selection([...boxes.keys()]);
  let shift = false;

  const show = () => {
    for (const [id, box] of boxes) box.checked = selection.chosen.has(id);
    root.toggleAttribute("data-choosing", selection.size > 0);
    const words = countImages(selection.size);
    setWords(bar, "[data-count]", `${words} selected`);
    setWords(bar, "[data-erase-words]", `Erase ${words} now`);
    bar.querySelector('[data-act="all"]')?.toggleAttribute("hidden", selection.isWhole);
    bar.querySelector('[data-act="none"]')?.toggleAttribute("hidden", false);
  };
  // A change event does not tell about the shift key; the click before it does.
  root.addEventListener("click", (event) => (shift = event.shiftKey), true);
  root.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLInputElement) || !boxes.has(target.value)) return;
    if (shift) selection.extend(target.value, target.checked);
    else selection.set(target.value, target.checked);
    show();
  });
  const setAll = (/** @type {boolean} */ on) => {
    selection.setAll(on);
    show();
  };
  bar.querySelector('[data-act="all"]')?.addEventListener("click", () => setAll(true));
  bar.querySelector('[data-act="none"]')?.addEventListener("click", () => {
    setAll(false);
    findBoxes(root)[0]?.focus();
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && selection.size && !document.querySelector("dialog[open]")) {
      setAll(false);
    }
  });
  // Boxes that the browser kept ticked over a reload.
  for (const [id, box] of boxes) if (box.checked) selection.set(id, true);
  show();
  return {
    chosen: () => [...selection.chosen],
    remove(/** @type {string} */ id) {
      boxes.delete(id);
      selection.remove(id);
      show();
    },
  };
}

/** @param {HTMLElement} root @returns {HTMLInputElement[]} */
function findBoxes(root) {
  return [...root.querySelectorAll(/** @type {"input"} */ ("[data-pick]:not(:disabled)"))];
}

/** @param {Element} root @param {string} selector @param {string} words */
function setWords(root, selector, words) {
  const element = root.querySelector(selector);
  if (element) element.textContent = words;
}
