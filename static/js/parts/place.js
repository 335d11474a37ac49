/** The word on photos that say where they were taken: on each card, and once for a whole drop. */
import { say } from "./say.js";
import { fill, ngettext } from "../pure/words.js";

const PAUSE = 600;

let found = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @param {HTMLElement} card */
export function showPlace(card) {
  card.querySelector("[data-place]")?.toggleAttribute("hidden", false);
  found += 1;
  clearTimeout(timer);
  timer = setTimeout(() => {
    const sentence = ngettext(
      "This photo says where it was taken. The place is taken out before it is sent.",
      "%(found)s photos say where they were taken. The place is taken out before they are sent.",
      found,
    );
    say(fill(sentence, { found }));
    found = 0;
  }, PAUSE);
}
