/** Cards and the queue: every file from drop to the server's answer. */
import { check } from "../pure/check.js";
import { makeKey } from "../pure/keys.js";
import { Pace } from "../pure/pace.js";
import { Queue } from "../pure/queue.js";
import { Refusal, isPassing, isSilence, isWorthRetrying } from "../pure/retry.js";
import { sniffFile } from "../pure/sniff.js";
import { Tally } from "../pure/tally.js";
import { sendImage } from "./api.js";
import { showProblem, showState } from "./card.js";
import { showEntry } from "./entry.js";
import { isSignedOut } from "./notices.js";
import { prepare } from "./prepare.js";
import { showPreview } from "./preview.js";
import { sayFailure } from "./say.js";
import { _ } from "../pure/words.js";

/** Files up to this size go in one request. */
const LARGE = 4 * 1024 * 1024;
const UNREADABLE = _("This file cannot be read. Choose it again.");

/**
 * @typedef {{erase_after: string, model: string, batch: string}} Choices "" is the usual one; what
 *   was dropped together has one `batch`
 * @typedef {object} Parcel
 * @property {File} file
 * @property {HTMLElement} card
 * @property {Choices} choices
 * @property {import("../pure/parts.js").Sending} sending how far it is, where it goes in parts
 * @typedef {import("../pure/queue.js").Entry<Parcel>} Entry
 * @typedef {typeof import("./inparts.js")} InParts
 */

/**
 * @param {{images: string, uploads: string}} urls where photos are sent, at once and in parts
 * @param {import("../pure/check.js").Limits} limits
 * @param {{onChange: () => void, onSent: (card: HTMLElement) => void}} listeners
 */
export function prepareUploads(urls, limits, { onChange, onSent }) {
  /** @type {Map<HTMLElement, Entry>} files that another go needs, by card */
  const entries = new Map();
  const tally = new Tally();
  const pace = new Pace();
  /** @type {Promise<InParts | null> | undefined} */
  let inParts;
  /** @type {Queue<Parcel>} */
  const queue = new Queue(
    {
      send: (entry, signal, onProgress) =>
        measure(() => send(entry, signal, onProgress), entry.file.file.size, signal),
      wait: pause,
      onChange: (entry) => {
        showEntry(entry);
        count(entry);
        if (isSignedOut(entry.refusal)) queue.hold();
        if (entry.phase === "sent") onSent(entry.file.card);
        onChange();
      },
    },
    pace.width,
  );

  /** @param {Entry} entry @param {AbortSignal} signal @param {(part: number) => void} onProgress */
  async function send({ file: parcel, key }, signal, onProgress) {
    const { file, choices, sending } = parcel;
    const large = file.size > LARGE ? await inParts : null;
    const order = { file, key, signal, onProgress };
    const sent = large
      ? large.sendLarge(urls.uploads, { ...order, sending, choices: made(choices) })
      : sendImage(addChoices(urls.images, choices), order);
    return sent.catch((refusal) => explain(refusal, file));
  }

  /** How it went says how many are sent at once. */
  async function measure(
    /** @type {() => Promise<any>} */ go,
    /** @type {number} */ bytes,
    /** @type {AbortSignal} */ signal,
  ) {
    const began = performance.now();
    try {
      const result = await go();
      pace.answered({ bytes, ended: performance.now(), busy: queue.active.size });
      return result;
    } catch (error) {
      const passing = error instanceof Refusal && isPassing(error) && !signal.aborted;
      if (passing) pace.refused({ began, ended: performance.now() });
      throw error;
    } finally {
      queue.setWidth(pace.width);
    }
  }

  /** @param {Entry} entry */
  function count({ phase, progress, refusal, file: { card } }) {
    const again = refusal && isWorthRetrying(refusal.code);
    if (phase === "sending") tally.advance(card, progress);
    else if (phase === "sent") tally.settle(card, "sent");
    else if (phase === "failed") tally.settle(card, again ? "failed" : "refused");
    else if (phase === "cancelled") tally.remove(card);
    else tally.settle(card, "open");
  }

  /** Counted from the start, so that the page knows of all of them. */
  function expect(/** @type {HTMLElement} */ card, /** @type {File} */ file) {
    tally.add(card, file.size);
  }

  /** @param {File} file @param {HTMLElement} card @param {Choices} choices */
  async function start(file, card, choices) {
    const problem = card.isConnected ? await inspect(file, card, limits) : null;
    if (!card.isConnected) tally.remove(card);
    else if (problem) refuse(card, file.name, problem.message);
    else void prepareAndAdd(file, card, choices).then(onChange);
    onChange();
  }

  /**
   * Not waited for: it can take as long as its sender thinks about it.
   * @param {File} file @param {HTMLElement} card @param {Choices} choices
   */
  async function prepareAndAdd(file, card, choices) {
    const ready = await prepare(file, card).catch((error) => /** @type {Error} */ (error));
    if (!card.isConnected) tally.remove(card);
    else if (ready instanceof Refusal) refuse(card, file.name, ready.message);
    else if (ready instanceof Error) refuse(card, file.name, UNREADABLE);
    else add({ file: ready, card, choices, sending: { size: ready.size, upload: null } });
  }

  /** @param {Parcel} parcel */
  function add(parcel) {
    // Without it (a line that broke this moment) the file goes in one request.
    if (parcel.file.size > LARGE) inParts ??= import("./inparts.js").catch(() => null);
    entries.set(parcel.card, queue.add(parcel, makeKey()));
  }

  /** @param {HTMLElement} card @param {string} name @param {string} message */
  function refuse(card, name, message) {
    tally.settle(card, "refused");
    showState(card, "rejected");
    showProblem(card, message, { dismiss: true });
    sayFailure(name, message);
  }

  /**
   * Sends again: under the same key what never arrived; what failed there as a new image, with the
   * model that is chosen by now.
   * @param {HTMLElement} card @param {string} model
   */
  function retry(card, model) {
    const entry = entries.get(card);
    if (entry?.phase === "failed") queue.retry(entry);
    else if (entry) {
      expect(card, entry.file.file);
      const choices = { ...entry.file.choices, model };
      add({ ...entry.file, choices, sending: { size: entry.file.file.size, upload: null } });
    }
  }

  /** Lets go of a card's file; stops sending it. */
  function release(/** @type {HTMLElement} */ card) {
    const entry = entries.get(card);
    if (entry && entry.phase !== "sent") {
      queue.cancel(entry);
      const { upload } = entry.file.sending;
      if (upload) void inParts?.then((large) => large?.giveUp(upload.url));
    }
    tally.remove(card);
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
    expect,
    start,
    retry,
    release,
    resume,
    pause: () => queue.pause(),
    goOn: () => queue.goOn(),
    isPaused: () => queue.paused,
    /** Whether it takes so long that all of it needs an eye on. */
    isMuch: (/** @type {File[]} */ files) =>
      files.length > 1 || files[0].size > LARGE || tally.counts.open > 0,
    has: (/** @type {HTMLElement} */ card) => entries.has(card),
    counts: () => tally.read(),
    isBusy: () => tally.counts.open > 0,
    /** Those that can be tried again. */
    failed: () =>
      [...entries]
        .filter(
          ([, { phase, refusal }]) => phase === "failed" && isWorthRetrying(refusal?.code ?? ""),
        )
        .map(([card]) => card),
    /** Those that can still be held back. */
    open: () =>
      /** @type {HTMLElement[]} */ (tally.open).filter(
        (card) => (entries.get(card)?.progress ?? 0) < 1,
      ),
  };
}

/** Those that are not the usual ones. @param {Choices} choices @returns {Record<string, string>} */
function made(choices) {
  return Object.fromEntries(Object.entries(choices).filter(([, value]) => value));
}

/** In the address, so that they hold from the photo's first byte on. */
function addChoices(/** @type {string} */ url, /** @type {Choices} */ choices) {
  const query = new URLSearchParams(made(choices)).toString();
  return query ? `${url}?${query}` : url;
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
    if (!problem) showPreview(card, file, header);
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
