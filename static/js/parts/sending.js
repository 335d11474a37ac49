/** The bar at the foot of the window: how far all photos are, and what can be done about it. */
import { nameCancel, nameProgress, nameRetry, nameUnsent } from "../pure/tally.js";
import { confirmErase } from "./confirm.js";
import { say } from "./say.js";
import { _, fill } from "../pure/words.js";

/** How long the bar stays when all went well. */
const LINGER = 5000;

/**
 * @typedef {object} Acts what the buttons do
 * @property {() => void} pause
 * @property {() => void} goOn
 * @property {() => void} retry
 * @property {() => void} cancel gives up what is still open
 * @property {() => number} open how many that would be
 */

/**
 * @param {Acts} acts
 * @param {{place: HTMLElement, onChange: () => void}} page `place` takes the focus when the bar goes
 */
export function prepareBar(acts, { place, onChange }) {
  const bar = /** @type {HTMLElement} */ (document.querySelector("[data-sending]"));
  const dialog = /** @type {HTMLDialogElement} */ (
    document.querySelector("[data-sending-confirm]")
  );
  /** @template {HTMLElement} T @param {string} name @returns {T} */
  const find = (name) => /** @type {T} */ (bar.querySelector(`[data-sending-${name}]`));
  const line = /** @type {HTMLProgressElement} */ (find("line"));
  const [pause, retry, cancel] = ["pause", "retry", "cancel"].map((name) => find(name));
  let paused = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  const show = (/** @type {boolean} */ on) => {
    if (!on && bar.contains(document.activeElement)) place.focus();
    bar.hidden = !on;
  };
  pause.addEventListener("click", () => {
    if (paused) acts.goOn();
    else acts.pause();
    say(paused ? _("Photos are sent again.") : _("Sending is paused."));
    onChange();
  });
  retry.addEventListener("click", () => {
    pause.hidden = false;
    pause.focus(); // Its own place goes.
    acts.retry();
  });
  cancel.addEventListener("click", async () => {
    const words = nameCancel(acts.open());
    if (await confirmErase(dialog, words)) acts.cancel();
  });

  const tell = (/** @type {import("../pure/tally.js").Counts} */ counts) => {
    const { open, failed, part } = counts;
    const progress = nameProgress(counts);
    const words = paused && open ? fill(_("Paused: %(progress)s"), { progress }) : progress;
    write(find("words"), words);
    write(find("pause-words"), paused ? _("Go on") : _("Pause"));
    write(find("retry-words"), nameRetry(failed));
    line.value = part;
    pause.hidden = cancel.hidden = !open;
    retry.hidden = !failed || open > 0;
    if (!open) find("unsent").hidden = true;
  };
  const leave = (/** @type {number} */ total) => {
    timer ??= setTimeout(() => show(false), total ? LINGER : 0);
  };

  return {
    /**
     * @param {import("../pure/tally.js").Counts} counts
     * @param {boolean} isPaused
     */
    show(counts, isPaused) {
      const running = isPaused ? "paused" : "running";
      paused = isPaused;
      bar.dataset.sending = counts.open ? running : "over";
      tell(counts);
      if (counts.total === counts.sent) {
        leave(counts.total);
        return;
      }
      clearTimeout(timer);
      timer = undefined;
      show(true);
    },
    /** @param {string[]} names of what closing the page would leave unsent */
    warn(names) {
      write(find("unsent"), nameUnsent(names));
      find("unsent").hidden = false;
      show(true);
    },
  };
}

/** @param {HTMLElement} element @param {string} words */
function write(element, words) {
  if (element.textContent !== words) element.textContent = words;
}
