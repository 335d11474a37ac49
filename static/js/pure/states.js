/**
 * A card's states and their words. The words of the server's states stand in
 * `templates/_fragments/card.html` too, for pages without JavaScript; a test holds them together.
 */

/**
 * @typedef {"checking" | "ready" | "waiting" | "sending" | "pausing" | "queued" | "running" | "done" |
 *   "failed" | "rejected" | "erased"} State
 */

/** @type {Readonly<Record<State, {words: string, icon: string}>>} */
export const STATES = Object.freeze({
  checking: { words: "Being checked", icon: "loader-circle" },
  ready: { words: "Ready to be sent", icon: "eye-off" },
  waiting: { words: "Waiting to be sent", icon: "clock" },
  sending: { words: "Being sent", icon: "upload" },
  pausing: { words: "Waiting for the server", icon: "refresh-cw" },
  queued: { words: "In the queue", icon: "clock" },
  running: { words: "Being cut out", icon: "scissors" },
  done: { words: "Cut out", icon: "circle-check" },
  failed: { words: "Not cut out", icon: "circle-alert" },
  rejected: { words: "Not sent", icon: "circle-alert" },
  erased: { words: "Erased", icon: "erased" },
});

/** States in which work goes on that the progress line shows. */
const BUSY = new Set(["checking", "waiting", "sending", "pausing", "queued", "running"]);

/** @param {string} state */
export function isBusy(state) {
  return BUSY.has(state);
}

/**
 * What is going on in all, in one sentence: "2 photos are being sent, 1 is being cut out."
 * @param {string[]} states one per card
 * @returns {string} empty when nothing is going on
 */
export function summarise(states) {
  const count = (/** @type {string[]} */ ...names) =>
    states.filter((state) => names.includes(state)).length;
  return join([
    [count("checking", "waiting", "sending", "pausing"), "being sent"],
    [count("ready"), "ready to be sent"],
    [count("running"), "being cut out"],
    [count("queued"), "in the queue"],
  ]);
}

/**
 * What came of it when nothing goes on any more: "3 photos are cut out, 1 is not."
 * @param {string[]} states one per card
 * @returns {string} empty without cards that tell
 */
export function summariseEnd(states) {
  const done = states.filter((state) => state === "done").length;
  const failed = states.filter((state) => state === "failed" || state === "rejected").length;
  return join([
    [done, "cut out"],
    [failed, done ? "not" : "not cut out"],
  ]);
}

/**
 * @param {Array<[number, string]>} counts how many photos are what
 * @returns {string} one sentence of those that are above zero
 */
function join(counts) {
  const parts = counts
    .filter(([count]) => count > 0)
    .map(([count, what], place) => {
      return `${place ? count : countPhotos(count)} ${count === 1 ? "is" : "are"} ${what}`;
    });
  return parts.length ? `${parts.join(", ")}.` : "";
}

/** @param {number} count */
export function countPhotos(count) {
  return count === 1 ? "1 photo" : `${count} photos`;
}

/** @param {number} count */
export function countImages(count) {
  return count === 1 ? "1 image" : `${count} images`;
}

/**
 * Several failures as one announcement.
 * @param {string[]} sentences
 */
export function joinFailures(sentences) {
  const [first, ...others] = sentences;
  if (!others.length) return first ?? "";
  return `${sentences.length} photos failed. ${first} The others say why on their cards.`;
}
