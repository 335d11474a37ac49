/**
 * A card's states and their words. The words of the server's states stand in
 * `templates/_fragments/card.html` too, for pages without JavaScript; a test holds them together.
 */

/**
 * @typedef {"checking" | "waiting" | "sending" | "pausing" | "queued" | "running" | "done" |
 *   "failed" | "rejected" | "erased"} State
 */

/** @type {Readonly<Record<State, {words: string, icon: string}>>} */
export const STATES = Object.freeze({
  checking: { words: "Being checked", icon: "loader-circle" },
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
 * What is going on in all, in one sentence: "2 photos are being sent, 3 are being cut out."
 * @param {string[]} states one per card
 * @returns {string} empty when nothing is going on
 */
export function summarise(states) {
  const count = (/** @type {string[]} */ ...names) =>
    states.filter((state) => names.includes(state)).length;
  const sending = count("checking", "waiting", "sending", "pausing");
  const cutting = count("queued", "running");
  const parts = [];
  if (sending) parts.push(`${countPhotos(sending)} ${verb(sending)} being sent`);
  const cut = sending ? cutting : countPhotos(cutting);
  if (cutting) parts.push(`${cut} ${verb(cutting)} being cut out`);
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

/** @param {number} count */
function verb(count) {
  return count === 1 ? "is" : "are";
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
