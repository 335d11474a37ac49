/** The landing page: the slider between before and after, and times in the reader's own zone. */
import { startClock } from "./parts/clock.js";
import { prepareSplit } from "./parts/split.js";

for (const figure of document.querySelectorAll("[data-compare]")) liven(figure);
startClock(undefined, () => {}); // No photo is on this page whose time could come.

/** @param {Element} figure */
function liven(figure) {
  const range = figure.querySelector("input[type=range]");
  if (!(range instanceof HTMLInputElement) || !(figure instanceof HTMLElement)) return;
  prepareSplit(figure, range);
  range.hidden = false;
  figure.classList.add("compare-live");
}
