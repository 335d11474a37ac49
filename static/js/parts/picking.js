/** Choosing cards in the gallery, and the bar that says what is chosen. */
import { Selection } from "../pure/selection.js";
import { fill, ngettext } from "../pure/words.js";

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
    const count = selection.size;
    const selected = ngettext("%(count)s image selected", "%(count)s images selected", count);
    const erase = ngettext("Erase %(count)s image now", "Erase %(count)s images now", count);
    setWords(bar, "[data-count]", fill(selected, { count }));
    setWords(bar, "[data-erase-words]", fill(erase, { count }));
    bar.querySelector('[data-act="all"]')?.toggleAttribute("hidden", selection.isWhole);
    bar.querySelector('[data-act="none"]')?.toggleAttribute("hidden", false);
  };
  const choose = (/** @type {HTMLInputElement} */ box, /** @type {boolean} */ on) => {
    if (shift) selection.extend(box.value, on);
    else selection.set(box.value, on);
    show();
  };
  root.addEventListener("click", (event) => {
    // A change event does not tell about the shift key; the click before it does.
    shift = event.shiftKey;
    const box = selection.size && !event.ctrlKey && !event.metaKey && findBoxUnder(event.target);
    if (!box) return;
    // While choosing, a picture is chosen, not opened.
    event.preventDefault();
    choose(box, !box.checked);
  });
  root.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement && boxes.has(target.value)) {
      choose(target, target.checked);
    }
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
    const isOpen = document.querySelector("dialog[open], details[data-menu][open]");
    if (event.key === "Escape" && selection.size && !isOpen) setAll(false);
  });
  /** Boxes that the browser kept ticked over a reload. */
  const takeTicked = () => {
    for (const [id, box] of boxes) if (box.checked) selection.set(id, true);
    show();
  };
  takeTicked();
  return {
    chosen: () => [...selection.chosen],
    all: () => setAll(true),
    /** @param {string} from @param {string} id */
    reach(from, id) {
      selection.reach(from, id);
      show();
    },
    /** @param {HTMLElement[]} cards that come after those of before */
    append(cards) {
      const more = cards.flatMap(findBoxes);
      for (const box of more) boxes.set(box.value, box);
      selection.append(more.map((box) => box.value));
      show();
    },
    /** @param {string} id */
    remove(id) {
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

/** @param {EventTarget | null} target @returns {HTMLInputElement | null} of a press on a picture */
function findBoxUnder(target) {
  const picture = target instanceof Element ? target.closest("[data-frame]") : null;
  return picture?.closest("[data-card]")?.querySelector("[data-pick]:not(:disabled)") ?? null;
}

/** @param {Element} root @param {string} selector @param {string} words */
function setWords(root, selector, words) {
  const element = root.querySelector(selector);
  if (element) element.textContent = words;
}
