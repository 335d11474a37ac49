/** The line between before and after: a range input that the page's own pictures follow. */
import { _, fill } from "../pure/words.js";

/**
 * @param {HTMLElement} figure gets `--at`, how much of it shows what was before
 * @param {HTMLInputElement} range
 * @returns {(part: number) => void} moves the line, from 0, the left edge, to 1
 */
export function prepareSplit(figure, range) {
  const show = () => {
    figure.style.setProperty("--at", `${range.value}%`);
    const before = Math.round(Number(range.value));
    const shares = { before: `${before} %`, after: `${100 - before} %` };
    range.setAttribute("aria-valuetext", fill(_("%(before)s before, %(after)s after"), shares));
  };
  range.addEventListener("input", show);
  show(); // A reload restores the line's last place without an event.
  return (part) => {
    range.value = String(Math.min(1, Math.max(0, part)) * 100);
    show();
  };
}
