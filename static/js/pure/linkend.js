/** How long a link is there, and when its page asks again. Rounded down: it is never there for longer. */
import { nameSpan } from "./countdown.js";
import { _, fill, ngettext } from "./words.js";

export const OFTEN = 4000;
export const SELDOM = 30_000;

/** @param {number} left milliseconds until the link ends */
export function nameLinkLeft(left) {
  if (left <= 0) return _("This link has ended");
  return fill(_("This link ends in %(span)s"), { span: nameSpan(left) });
}

/**
 * Milliseconds until the next question: often, so that a link that is ended goes from the page at once; seldom while no
 * answer comes; and right at the end.
 * @param {number} left milliseconds until the link ends
 * @param {number} failures answers in a row that did not come
 */
export function pauseBefore(left, failures) {
  const pause = Math.min(SELDOM, OFTEN * 2 ** failures);
  return Math.max(0, Math.min(pause, left));
}

/**
 * What an answer about a link means for its page.
 * @param {number} status
 * @returns {"open" | "gone" | "locked" | "unknown"}
 */
export function readStatus(status) {
  if (status === 200) return "open";
  if (status === 410) return "gone";
  return status === 401 ? "locked" : "unknown";
}

/** @param {number} left @returns {string} */
export function nameDownloads(left) {
  return fill(ngettext("%(left)s download left", "%(left)s downloads left", left), { left });
}
