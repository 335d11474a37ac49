/**
 * Sends files one request each, a few at a time, in the order they came. Knows nothing of the page
 * or the network: what sends, waits and listens is handed in.
 *
 *   waiting → sending → sent
 *                ├──→ pausing → sending   (silence; a passing refusal, up to ATTEMPTS of them)
 *                ├──→ failed              (`retry` starts over, under the same key)
 *                ├──→ waiting             (`pause`: first in line when it goes on)
 *                └──→ cancelled
 * @typedef {"waiting" | "sending" | "pausing" | "sent" | "failed" | "cancelled"} Phase
 */
import { ATTEMPTS, asRefusal, isPassing, isSilence, pauseBefore } from "./retry.js";

/**
 * @template F
 * @typedef {object} Entry
 * @property {F} file
 * @property {string} key the same for every go, so that no go makes a second image
 * @property {number} place among all that were ever added
 * @property {Phase} phase
 * @property {number} attempts goes so far
 * @property {number} refusals those of them that were answered with a refusal
 * @property {number} progress from 0 to 1
 * @property {any} result what `send` brought
 * @property {import("./retry.js").Refusal | null} refusal
 * @property {AbortController | null} abort
 */

/**
 * @template F
 * @typedef {object} Ports
 * @property {(entry: Entry<F>, signal: AbortSignal, onProgress: (part: number) => void) =>
 *   Promise<any>} send throws Refusal
 * @property {(ms: number, signal: AbortSignal) => Promise<void>} wait may end early
 * @property {(entry: Entry<F>) => void} onChange
 */

/** @template F */
export class Queue {
  /** @param {Ports<F>} ports @param {number} width requests under way at once */
  constructor(ports, width = 3) {
    this.ports = ports;
    this.width = width;
    this.held = false;
    this.paused = false;
    this.places = 0;
    /** @type {Entry<F>[]} */
    this.waiting = [];
    /** @type {Set<Entry<F>>} */
    this.active = new Set();
  }

  /** Files not yet sent and not given up. */
  get pending() {
    return this.waiting.length + this.active.size;
  }

  /**
   * @param {F} file
   * @param {string} key
   * @returns {Entry<F>}
   */
  add(file, key) {
    /** @type {Entry<F>} */
    const entry = {
      file,
      key,
      place: (this.places += 1),
      phase: "waiting",
      attempts: 0,
      refusals: 0,
      progress: 0,
      result: null,
      refusal: null,
      abort: null,
    };
    this.#enter(entry);
    this.ports.onChange(entry);
    this.#fill();
    return entry;
  }

  /** @param {Entry<F>} entry */
  retry(entry) {
    if (entry.phase !== "failed") return;
    Object.assign(entry, { attempts: 0, refusals: 0, progress: 0, refusal: null });
    this.#enter(entry);
    this.#move(entry, "waiting");
    this.#fill();
  }

  /** @param {Entry<F>} entry */
  cancel(entry) {
    if (entry.phase === "sent") return;
    this.waiting = this.waiting.filter((other) => other !== entry);
    this.#move(entry, "cancelled");
    entry.abort?.abort();
  }

  /** All that is not sent yet, but for what is on its last step. @returns {Entry<F>[]} */
  cancelAll() {
    const active = [...this.active].filter((entry) => entry.progress < 1);
    const given = [...active, ...this.waiting];
    for (const entry of given) this.cancel(entry);
    return given;
  }

  /** Stops what is under way, too, until `goOn`: what is on its last step goes through. */
  pause() {
    this.paused = true;
    for (const entry of this.active) if (entry.progress < 1) entry.abort?.abort();
  }

  goOn() {
    this.paused = false;
    this.#fill();
  }

  /** @param {number} width from now on; what is under way is not stopped */
  setWidth(width) {
    this.width = width;
    this.#fill();
  }

  /** Starts nothing more until `release`: signed out, for example. */
  hold() {
    this.held = true;
  }

  release() {
    this.held = false;
    this.#fill();
  }

  /** A pause is over with the last file that it was for. @param {Entry<F>} entry */
  #enter(entry) {
    if (!this.pending) this.paused = false;
    this.waiting.push(entry);
  }

  #fill() {
    const stopped = () => this.held || this.paused;
    while (!stopped() && this.active.size < this.width && this.waiting.length) {
      const entry = /** @type {Entry<F>} */ (this.waiting.shift());
      this.active.add(entry);
      void this.#run(entry);
    }
  }

  /** @param {Entry<F>} entry */
  async #run(entry) {
    entry.abort = new AbortController();
    while (await this.#go(entry, entry.abort.signal));
    this.active.delete(entry);
    if (entry.phase === "sending" || entry.phase === "pausing") this.#putBack(entry);
    this.#fill();
  }

  /** Paused in mid-way, it goes on before what came after it. @param {Entry<F>} entry */
  #putBack(entry) {
    entry.attempts = 0;
    const later = this.waiting.findIndex(({ place }) => place > entry.place);
    this.waiting.splice(later < 0 ? this.waiting.length : later, 0, entry);
    this.#move(entry, "waiting");
  }

  /**
   * One go. @returns true when another should follow
   * @param {Entry<F>} entry
   * @param {AbortSignal} signal
   */
  async #go(entry, signal) {
    entry.attempts += 1;
    entry.progress = 0;
    this.#move(entry, "sending");
    try {
      entry.result = await this.ports.send(entry, signal, (part) => {
        entry.progress = part;
        if (entry.phase === "sending") this.ports.onChange(entry);
      });
    } catch (error) {
      return !signal.aborted && this.#recover(entry, asRefusal(error), signal);
    }
    // Paused too late, it has arrived all the same.
    if (entry.phase !== "cancelled") this.#move(entry, "sent");
    return false;
  }

  /**
   * @param {Entry<F>} entry
   * @param {import("./retry.js").Refusal} refusal
   * @param {AbortSignal} signal
   */
  async #recover(entry, refusal, signal) {
    entry.refusal = refusal;
    if (!isSilence(refusal)) entry.refusals += 1;
    if (this.held || !isPassing(refusal) || entry.refusals >= ATTEMPTS) {
      this.#move(entry, "failed");
      return false;
    }
    this.#move(entry, "pausing");
    await this.ports.wait(pauseBefore(entry.attempts, refusal.retryAfter), signal);
    return !signal.aborted;
  }

  /** @param {Entry<F>} entry @param {Phase} phase */
  #move(entry, phase) {
    entry.phase = phase;
    this.ports.onChange(entry);
  }
}
