/** The owner's pages about links: times in the reader's zone; the new address copied, or sent on. */
import { startClock } from "./parts/clock.js";
import { reloadWhenRestored } from "./parts/restored.js";
import { _ } from "./pure/words.js";

startClock(undefined, () => {}); // No photo is on this page whose time could come.

const made = /** @type {HTMLElement | null} */ (document.querySelector("[data-made]"));
// The address is told once: what "Back" brings up again must not ask for another.
if (made) history.replaceState(null, "", made.dataset.shareUrl ?? "");
else reloadWhenRestored();

const field = /** @type {HTMLInputElement | null} */ (document.querySelector("#address"));
const copy = /** @type {HTMLElement | null} */ (document.querySelector("[data-copy]"));
const sheet = /** @type {HTMLElement | null} */ (document.querySelector("[data-sheet]"));

if (field && copy) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    const said = await copyText(field);
    const words = copy.querySelector("[data-copy-words]");
    if (words) words.textContent = said;
    const heard = document.querySelector("[data-copied]");
    if (heard) heard.textContent = `${said}.`;
  });
  field.addEventListener("focus", () => field.select());
}
if (field && sheet && "share" in navigator) {
  sheet.hidden = false;
  sheet.addEventListener("click", () => {
    // Closing the sheet without choosing is no failure.
    navigator.share({ title: _("Shared images"), url: field.value }).catch(() => {});
  });
}

/** @param {HTMLInputElement} from @returns {Promise<string>} what to say about it */
async function copyText(from) {
  try {
    await navigator.clipboard.writeText(from.value);
    return _("Address copied");
  } catch {
    from.select(); // Without https there is no clipboard: the keys of the reader's system copy it.
    return _("Selected: copy it with Ctrl+C");
  }
}
