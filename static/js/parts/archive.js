/** "Download all": the results on the page as one archive. A form, which works without this too. */
import { _, fill } from "../pure/words.js";

/** What one archive takes, as `processing/views/many.py` has it. */
const MOST = 2000;

/**
 * @param {HTMLFormElement} form
 * @param {() => HTMLElement[]} allCards newest first
 * @param {{isBusy: () => boolean, onDownload: (cards: HTMLElement[]) => void}} page `isBusy` while
 *   leaving the page would lose something; `onDownload` gets the cards whose results are taken
 * @returns {() => void} to be called when cards have changed
 */
export function prepareArchive(form, allCards, { isBusy, onDownload }) {
  const words = form.querySelector("[data-download-words]");
  const done = () => allCards().filter(({ dataset }) => dataset.state === "done" && dataset.id);
  form.addEventListener("submit", () => {
    const cards = done().slice(0, MOST);
    for (const old of form.querySelectorAll('[name="id"]')) old.remove();
    form.append(...cards.map(({ dataset }) => makeField(dataset.id ?? "")));
    // A download leaves the page where it is; a refusal in its place would not, and until the answer
    // is there the browser takes it for leaving: it would ask whether the rest is to stay unsent.
    form.target = isBusy() ? "_blank" : "";
    onDownload(cards);
  });
  return () => {
    const count = done().length;
    const sentence =
      count > MOST ? _("Download the newest %(count)s (ZIP)") : _("Download all %(count)s (ZIP)");
    const text = fill(sentence, { count: Math.min(count, MOST) });
    if (words && words.textContent !== text) words.textContent = text;
    form.hidden = count < 2;
  };
}

/** @param {string} id */
function makeField(id) {
  return Object.assign(document.createElement("input"), { type: "hidden", name: "id", value: id });
}
