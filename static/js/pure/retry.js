/** When a failed sending is worth another go, and after how long. */
import { _ } from "./words.js";

/** Goes that the server may answer with a passing refusal. Silence is not counted: it ends. */
export const ATTEMPTS = 6;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;

/**
 * Why one request did not bring what was asked for.
 * `status` 0 means that no answer came at all.
 */
export class Refusal extends Error {
  /**
   * @param {{status: number, code: string, message: string, retryAfter?: number}} facts
   *   `retryAfter` in milliseconds, where the server named one
   */
  constructor({ status, code, message, retryAfter = 0 }) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/**
 * A fault of the page itself is told like any other failure: it must not stop the other files.
 * @param {unknown} error
 */
export function asRefusal(error) {
  if (error instanceof Refusal) return error;
  const message = _("This page has a fault. Reload it and send the photo again.");
  const refusal = new Refusal({ status: -1, code: "page_fault", message });
  refusal.cause = error;
  return refusal;
}

/** Told by the status of a passing refusal, but they last: people are told at once, in words. */
const STANDING = new Set(["storage_full", "paused"]);

/** No answer at all. @param {unknown} refusal */
export function isSilence(refusal) {
  return refusal instanceof Refusal && refusal.status === 0;
}

/**
 * Only what another go can cure: a broken line, a full or restarting server, a limit of rate, and
 * the same key still being worked on. A refused photo stays refused.
 * @param {Refusal} refusal
 */
export function isPassing(refusal) {
  if (STANDING.has(refusal.code)) return false;
  return (
    isSilence(refusal) ||
    refusal.code === "request_in_progress" ||
    [408, 429, 502, 503, 504].includes(refusal.status)
  );
}

/**
 * Milliseconds before the next go: doubling, with a little chance so that many files do not
 * knock at once.
 * @param {number} attempt the goes already made, from 1
 * @param {number} retryAfter what the server asked for, in ms; 0 for nothing
 * @param {() => number} chance from 0 to 1
 */
export function pauseBefore(attempt, retryAfter = 0, chance = Math.random) {
  const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1));
  return Math.max(retryAfter, Math.round(pause * (0.75 + chance() / 2)));
}

const HOPELESS = new Set([
  "empty_file",
  "not_an_image",
  "unsupported_type",
  "too_large",
  "too_many_pixels",
  "truncated",
  "decode_failed",
  "too_many_parts",
  "unreadable",
]);

/**
 * Whether a card should offer "Try again": the same bytes may fare better.
 * @param {string} code
 * @param {boolean} [choice] whether there is more than one model, to which a subject can be known
 */
export function isWorthRetrying(code, choice = false) {
  return code === "unknown_foreground" ? choice : !HOPELESS.has(code);
}
