/** Cards and the queue: every file from drop to the server's answer. */
import { check } from "../pure/check.js";
import { makeKey } from "../pure/keys.js";
import { Queue } from "../pure/queue.js";
import { Refusal, isSilence, isWorthRetrying } from "../pure/retry.js";
import { sniffFile } from "../pure/sniff.js";
import { sendImage } from "./api.js";
import { showImage, showProblem, showState } from "./card.js";
import { isSignedOut, noteAnswer } from "./notices.js";
import { showPreview } from "./preview.js";
import { sayFailure } from "./say.js";

const UNREADABLE = "This file cannot be read. Choose it again.";

/**
 * @typedef {{erase_after: string, model: string, batch: string}} Choices "" is the usual one; what
 *   was dropped together has one `batch`
 * @typedef {{file: File, card: HTMLElement, choices: Choices}} Parcel
 * @typedef {import("../pure/queue.js").Entry<Parcel>} Entry
 */

/**
 * @param {string} url where photos are sent
 * @param {import("../pure/check.js").Limits} limits
 * @param {{onChange: () => void, onSent: (card: HTMLElement) => void}} listeners
 */
export function prepareUploads(url, limits, { onChange, onSent }) {
  /** @type {Map<HTMLElement, Entry>} files that another go needs, by card */
  const entries = new Map();
  /** @type {Queue<Parcel>} */
  const queue = new Queue({
    send: ({ file: { file, choices }, key }, signal, onProgress) =>
      sendImage(addChoices(url, choices), { file, key, signal, onProgress }).catch((refusal) =>
        explain(refusal, file),
      ),
    wait: pause,
    onChange: (entry) => {
      showEntry(entry);
      if (isSignedOut(entry.refusal)) queue.hold();
      if (entry.phase === "sent") onSent(entry.file.card);
      onChange();
    },
  });

  /** @param {File} file @param {HTMLElement} card @param {Choices} choices */
  async function start(file, card, choices) {
    const problem = await inspect(file, card, limits);
    if (!card.isConnected) return;
    if (problem) reject(card, file.name, problem.message);
    else entries.set(card, queue.add({ file, card, choices }, makeKey()));
    onChange();
  }

  /** Sends again: under the same key what never arrived, as a new image what failed there. */
  function retry(/** @type {HTMLElement} */ card) {
    const entry = entries.get(card);
    if (entry?.phase === "failed") queue.retry(entry);
    else if (entry) entries.set(card, queue.add(entry.file, makeKey()));
  }

  /** Lets go of a card's file; stops sending it. */
  function release(/** @type {HTMLElement} */ card) {
    const entry = entries.get(card);
    if (entry) queue.cancel(entry);
    entries.delete(card);
  }

  /** After signing in again: what was stopped by that goes on. */
  function resume() {
    queue.release();
    for (const entry of entries.values()) {
      if (isSignedOut(entry.refusal) || isSilence(entry.refusal)) queue.retry(entry);
    }
  }

  return {
    start,
    retry,
    release,
    resume,
    has: (/** @type {HTMLElement} */ card) => entries.has(card),
    isBusy: () => queue.pending > 0,
  };
}

/** In the address, so that they hold from the photo's first byte on. */
function addChoices(/** @type {string} */ url, /** @type {Choices} */ choices) {
  const made = Object.entries(choices).filter(([, value]) => value);
  return made.length ? `${url}?${new URLSearchParams(made)}` : url;
}

/**
 * @param {File} file
 * @param {HTMLElement} card
 * @param {import("../pure/check.js").Limits} limits
 */
async function inspect(file, card, limits) {
  try {
    const header = await sniffFile(file);
    const problem = check(file.size, header, limits);
    if (!problem) showPreview(card, file, header.mediaType);
    return problem;
  } catch {
    return { code: "unreadable", message: UNREADABLE };
  }
}

/**
 * A file that is gone or changed since it was chosen looks like a broken line, but no other go
 * can cure it.
 * @param {unknown} refusal
 * @param {File} file
 * @returns {Promise<never>}
 */
async function explain(refusal, file) {
  if (isSilence(refusal)) {
    await file
      .slice(0, 1)
      .arrayBuffer()
      .catch(() => {
        throw new Refusal({ status: -1, code: "unreadable", message: UNREADABLE });
      });
  }
  throw refusal;
}

/** @param {HTMLElement} card @param {string} name @param {string} message */
function reject(card, name, message) {
  showState(card, "rejected");
  showProblem(card, message, { dismiss: true });
  sayFailure(name, message);
}

/** @param {Entry} entry */
function showEntry(entry) {
  const { card, file } = entry.file;
  switch (entry.phase) {
    case "waiting":
      showState(card, "waiting", { progress: 0 });
      break;
    case "sending":
      showSending(card, entry.progress);
      break;
    case "pausing":
      noteAnswer(entry.refusal);
      showState(card, "pausing");
      break;
    case "sent":
      noteAnswer(null);
      showImage(card, entry.result);
      break;
    case "failed":
      noteAnswer(entry.refusal);
      showFailure(card, file.name, entry.refusal);
      break;
    default:
  }
}

/** @param {HTMLElement} card @param {number} progress */
function showSending(card, progress) {
  const percent = Math.floor(progress * 100);
  // All sent, not yet answered: the server is writing it down.
  if (percent === 100) showState(card, "sending", { words: "Being stored" });
  else showState(card, "sending", { words: `Being sent, ${percent} %`, progress });
}

/**
 * @param {HTMLElement} card
 * @param {string} name
 * @param {import("../pure/retry.js").Refusal | null} refusal
 */
function showFailure(card, name, refusal) {
  if (!refusal) return;
  showState(card, "rejected");
  showProblem(card, refusal.message, { retry: isWorthRetrying(refusal.code), dismiss: true });
  sayFailure(name, refusal.message);
}

/**
 * Waits, but not longer than the line is away.
 * @param {number} ms
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function pause(ms, signal) {
  return new Promise((resolve) => {
    const over = new AbortController();
    const end = () => {
      over.abort();
      resolve();
    };
    setTimeout(end, ms);
    addEventListener("online", end, { signal: over.signal });
    signal.addEventListener("abort", end, { signal: over.signal });
  });
}
