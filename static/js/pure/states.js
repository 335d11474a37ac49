/**
 * A card's states and their words. The words of the server's states stand in
 * `templates/_fragments/card.html` too, for pages without JavaScript; a test holds them together.
 */
import { _, fill, ngettext } from "./words.js";

/**
 * @typedef {"checking" | "ready" | "waiting" | "sending" | "pausing" | "queued" | "running" | "done" |
 *   "failed" | "rejected" | "erased"} State
 */

/** @type {Readonly<Record<State, {words: string, icon: string}>>} */
export const STATES = Object.freeze({
  checking: { words: _("Being checked"), icon: "loader-circle" },
  ready: { words: _("Ready to be sent"), icon: "eye-off" },
  waiting: { words: _("Waiting to be sent"), icon: "clock" },
  sending: { words: _("Being sent"), icon: "upload" },
  pausing: { words: _("Waiting for the server"), icon: "refresh-cw" },
  queued: { words: _("In the queue"), icon: "clock" },
  running: { words: _("Being cut out"), icon: "scissors" },
  done: { words: _("Cut out"), icon: "circle-check" },
  failed: { words: _("Not cut out"), icon: "circle-alert" },
  rejected: { words: _("Not sent"), icon: "circle-alert" },
  erased: { words: _("Erased"), icon: "erased" },
});

/** What is said instead where a photo has come to its end with next to nothing, or nothing, to show. */
export const SHORTFALLS = Object.freeze({
  little: { words: _("Almost nothing found"), icon: "circle-alert" },
  nothing: { words: _("No subject found"), icon: "circle-alert" },
});

/**
 * @param {{state: string, little_found: boolean, error: {code: string} | null}} image
 * @returns {keyof typeof SHORTFALLS | null}
 */
export function shortfallOf({ state, little_found: little, error }) {
  if (state === "done" && little) return "little";
  return state === "failed" && error?.code === "unknown_foreground" ? "nothing" : null;
}

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
  const sending = count("checking", "waiting", "sending", "pausing");
  const [ready, running, queued] = [count("ready"), count("running"), count("queued")];
  return join([
    {
      count: sending,
      first: ngettext("%(count)s photo is being sent", "%(count)s photos are being sent", sending),
      next: ngettext("%(count)s is being sent", "%(count)s are being sent", sending),
    },
    {
      count: ready,
      first: ngettext(
        "%(count)s photo is ready to be sent",
        "%(count)s photos are ready to be sent",
        ready,
      ),
      next: ngettext("%(count)s is ready to be sent", "%(count)s are ready to be sent", ready),
    },
    {
      count: running,
      first: ngettext(
        "%(count)s photo is being cut out",
        "%(count)s photos are being cut out",
        running,
      ),
      next: ngettext("%(count)s is being cut out", "%(count)s are being cut out", running),
    },
    {
      count: queued,
      first: ngettext(
        "%(count)s photo is in the queue",
        "%(count)s photos are in the queue",
        queued,
      ),
      next: ngettext("%(count)s is in the queue", "%(count)s are in the queue", queued),
    },
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
    {
      count: done,
      first: ngettext("%(count)s photo is cut out", "%(count)s photos are cut out", done),
      next: "",
    },
    {
      count: failed,
      first: ngettext("%(count)s photo is not cut out", "%(count)s photos are not cut out", failed),
      // Translators: of photos that were to be cut out, after "3 photos are cut out, ".
      next: ngettext("%(count)s is not", "%(count)s are not", failed),
    },
  ]);
}

/**
 * @param {Array<{count: number, first: string, next: string}>} clauses how many photos are what:
 *   where it begins the sentence, and where it goes on
 * @returns {string} one sentence of those that are above zero
 */
function join(clauses) {
  const parts = clauses
    .filter(({ count }) => count > 0)
    .map(({ count, first, next }, place) => fill(place ? next : first, { count }));
  return parts.length ? `${parts.join(", ")}.` : "";
}

/** @param {number} count */
export function countImages(count) {
  return fill(ngettext("%(count)s image", "%(count)s images", count), { count });
}

/**
 * Several failures as one announcement.
 * @param {string[]} sentences
 */
export function joinFailures(sentences) {
  const [first, ...others] = sentences;
  if (!others.length) return first ?? "";
  const sentence = _("%(count)s photos failed. %(first)s The others say why on their cards.");
  return fill(sentence, { count: sentences.length, first });
}
