/** The landing page: the slider between before and after, and times in the reader's own zone. */
import { startClock } from "./parts/clock.js";

for (const figure of document.querySelectorAll("[data-compare]")) liven(figure);
startClock(undefined, () => {}); // No photo is on this page whose time could come.

/** @param {Element} figure */
function liven(figure) {
  const range = figure.querySelector("input[type=range]");
  if (!(range instanceof HTMLInputElement) || !(figure instanceof HTMLElement)) return;
  const show = () => {
    figure.style.setProperty("--at", `${range.value}%`);
    range.setAttribute(
      "aria-valuetext",
      `${range.value} % before, ${100 - Number(range.value)} % after`,
    );
  };
  range.addEventListener("input", show);
  range.hidden = false;
  figure.classList.add("compare-live");
  show(); // A reload restores the slider's last place without an event.
}
