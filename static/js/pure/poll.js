/**
 * Asks for the state of all unfinished images at once: often while something is young or has just
 * changed, then ever more rarely, and not at all while nobody looks.
 */

export const SHORTEST = 150;
export const LONGEST = 2000;
export const BATCH = 100;

/**
 * A tenth of the time since anything changed: what is shown is never late by more than that.
 * @param {number} idle milliseconds since the last change
 * @param {number} requests how many one round takes
 */
export function pauseAfter(idle, requests = 1) {
  return Math.min(LONGEST, Math.max(SHORTEST, Math.round(idle / 10)) * Math.max(1, requests));
}

/**
 * @template T
 * @param {T[]} items
 * @param {number} size
 * @returns {T[][]}
 */
export function chunk(items, size = BATCH) {
  const chunks = [];
  for (let at = 0; at < items.length; at += size) chunks.push(items.slice(at, at + size));
  return chunks;
}

/**
 * @typedef {object} Answer
 * @property {Array<{id: string, state: string}>} images
 * @property {string[]} gone
 * @property {boolean} worker_up
 */

/**
 * @typedef {object} Ports
 * @property {(ids: string[]) => Promise<any>} ask brings an Answer
 * @property {(answer: any) => void} onAnswer
 * @property {(error: unknown) => void} onTrouble the poll goes on, at its slowest
 * @property {(run: () => void, ms: number) => unknown} later
 * @property {(timer: unknown) => void} cancel
 * @property {() => number} now milliseconds
 */

const FINAL = new Set(["done", "failed"]);

export class Poll {
  /** @param {Ports} ports */
  constructor(ports) {
    this.ports = ports;
    /** @type {Map<string, string>} id → the state and links last seen, as one text */
    this.live = new Map();
    /** Asks on, slowly, although nothing is unfinished: for the answer's other facts. */
    this.curious = false;
    this.paused = false;
    this.busy = false;
    this.changed = 0;
    this.trouble = false;
    /** @type {unknown} */
    this.timer = null;
  }

  /** @param {string} id */
  watch(id) {
    if (this.live.has(id)) return;
    this.live.set(id, "");
    this.wake();
  }

  /** @param {string} id */
  forget(id) {
    this.live.delete(id);
  }

  pause() {
    this.paused = true;
    this.#disarm();
  }

  resume() {
    this.paused = false;
    this.wake();
  }

  /** Something is about to change: ask soon, and often. */
  wake() {
    this.changed = this.ports.now();
    this.#disarm();
    this.#arm(SHORTEST);
  }

  /** @param {number} ms */
  #arm(ms) {
    if (this.paused || this.busy || this.timer !== null) return;
    if (!this.live.size && !this.curious) return;
    this.timer = this.ports.later(() => {
      this.timer = null;
      void this.#round();
    }, ms);
  }

  #disarm() {
    if (this.timer !== null) this.ports.cancel(this.timer);
    this.timer = null;
  }

  async #round() {
    const batches = this.live.size ? chunk([...this.live.keys()]) : [[]];
    this.busy = true;
    this.trouble = false;
    try {
      for (const ids of batches) this.#take(await this.ports.ask(ids));
    } catch (error) {
      this.trouble = true;
      this.ports.onTrouble(error);
    }
    this.busy = false;
    const idle = this.ports.now() - this.changed;
    this.#arm(this.trouble ? LONGEST : pauseAfter(idle, batches.length));
  }

  /** @param {Answer} answer */
  #take(answer) {
    for (const image of answer.images) {
      const seen = JSON.stringify(image);
      if (this.live.get(image.id) !== seen) this.changed = this.ports.now();
      if (FINAL.has(image.state)) this.live.delete(image.id);
      else if (this.live.has(image.id)) this.live.set(image.id, seen);
    }
    for (const id of answer.gone) this.live.delete(id);
    this.ports.onAnswer(answer);
  }
}
