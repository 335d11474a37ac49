/** Receipts: times of the list in the reader's zone, and the button that prints. */
import { startClock } from "./parts/clock.js";
import { reloadWhenRestored } from "./parts/restored.js";

startClock(undefined, () => {}); // No photo is on this page whose time could come.
reloadWhenRestored();

const button = /** @type {HTMLElement | null} */ (document.querySelector("[data-print]"));
button?.toggleAttribute("hidden", false);
button?.addEventListener("click", () => print());
