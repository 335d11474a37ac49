/** The account page and the list of devices: times in the reader's zone, the index follows the reading. */
import { startClock } from "./parts/clock.js";
import { reloadWhenRestored } from "./parts/restored.js";
import { askOnTheSpot } from "./parts/training.js";

startClock(undefined, () => {}); // No photo is on this page whose time could come.
askOnTheSpot();
followReading();
reloadWhenRestored();

/** Marks the section being read in the side index. */
function followReading() {
  const links = new Map();
  for (const link of document.querySelectorAll(".account-index-link")) {
    const section = document.querySelector(link.getAttribute("href") ?? "");
    if (section) links.set(section, link);
  }
  const watcher = new IntersectionObserver(
    (entries) => {
      const entered = entries.find((entry) => entry.isIntersecting);
      if (!entered) return;
      for (const link of links.values()) link.removeAttribute("aria-current");
      links.get(entered.target).setAttribute("aria-current", "location");
    },
    { rootMargin: "-15% 0px -75% 0px" },
  );
  for (const section of links.keys()) watcher.observe(section);
}
