/** The page of one image: live until it is done, compared with its original, erased. */
import { find, showErased } from "./parts/card.js";
import { startClock } from "./parts/clock.js";
import { listenForErase } from "./parts/erasing.js";
import { listenForDownloads } from "./parts/leaving.js";
import { listenForResume } from "./parts/notices.js";
import { prepareRenderings } from "./parts/rendering.js";
import { reloadWhenRestored } from "./parts/restored.js";
import { say } from "./parts/say.js";
import { prepareTaking } from "./parts/taking.js";
import { trackCards } from "./parts/tracking.js";
import { Viewer } from "./parts/viewer.js";
import { _, fill } from "./pure/words.js";

const page = /** @type {HTMLElement} */ (document.querySelector("[data-image]"));
const viewer = new Viewer(page);

let heard = page.dataset.state;
const tracking = trackCards(page.dataset.imagesUrl ?? "", () => {
  viewer.refresh();
  if (page.dataset.state !== heard) say(`${find(page, "state-words")?.textContent}.`);
  heard = page.dataset.state;
});
page.addEventListener("card:ended", (event) => {
  const {
    width,
    height,
    model,
    model_version: version,
  } = /** @type {CustomEvent} */ (event).detail;
  if (width && height) {
    showFact("size", fill(_("%(width)s × %(height)s pixels"), { width, height }));
    viewer.setSize(width, height);
  }
  if (model) showFact("model", `${model} ${version}`);
});
reloadWhenRestored();
listenForResume(tracking.resume);
const letGo = (/** @type {HTMLElement} */ card) => {
  showErased(card);
  viewer.refresh();
};
startClock(page.dataset.serverTime, letGo);
listenForDownloads(page, page.dataset.imagesUrl ?? "", letGo);
listenForErase(page.parentElement ?? document.body, () => {
  location.assign(page.dataset.galleryUrl ?? "/");
});
prepareTaking(page, () => viewer.fullAddress);
prepareRenderings(page);
viewer.refresh();
if (page.dataset.state === "queued" || page.dataset.state === "running") tracking.watch(page);

/** @param {string} name @param {string} words */
function showFact(name, words) {
  const fact = page.querySelector(`[data-fact="${name}"]`);
  const value = fact?.querySelector("dd");
  if (value) value.textContent = words;
  fact?.toggleAttribute("hidden", false);
}
