/** The page of one image: live until it is done, compared with its original, erased. */
import { showErased } from "./parts/card.js";
import { startClock } from "./parts/clock.js";
import { prepareCompare } from "./parts/compare.js";
import { listenForErase } from "./parts/erasing.js";
import { listenForResume } from "./parts/notices.js";
import { say } from "./parts/say.js";
import { trackCards } from "./parts/tracking.js";
import { STATES } from "./pure/states.js";

const page = /** @type {HTMLElement} */ (document.querySelector("[data-image]"));
const compare = page.querySelector("[data-compare]");

const refresh = () => {
  const state = /** @type {keyof typeof STATES} */ (page.dataset.state);
  compare?.toggleAttribute("hidden", state !== "done");
  return STATES[state].words;
};

const tracking = trackCards(page.dataset.imagesUrl ?? "", () => say(refresh()));
listenForResume(tracking.resume);
startClock(page.dataset.serverTime, (card) => {
  showErased(card);
  refresh();
});
listenForErase(page.parentElement ?? document.body, () => {
  location.assign(page.dataset.galleryUrl ?? "/");
});
prepareCompare(page, () => {
  const address = page.querySelector('[data-link="original"]')?.getAttribute("href");
  return address?.replace(/\?.*$/, "");
});
refresh();
if (page.dataset.state === "queued" || page.dataset.state === "running") tracking.watch(page);
