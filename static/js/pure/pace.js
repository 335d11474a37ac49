/**
 * How many requests to have under way at once: one more as long as that moves more bytes, half of
 * them when the server refuses or falls silent. Knows no clock and no network: it is told.
 */

/** A request costs something besides its bytes: many small files are measured by their number. */
const OVERHEAD = 64 * 1024;
/** Less than this share more is not worth another request at once. */
const GAIN = 1.05;
/** Rounds before one more is tried again, which double: the line can be another by then. */
const SHORTEST = 2;
const LONGEST = 32;
/** Answers to each place before its gain is judged. */
const ROUND = 2;

export class Pace {
  /**
   * @param {{least?: number, most?: number, start?: number}} [bounds] browsers have six connections
   *   to one server, of which the page needs one for its questions
   */
  constructor({ least = 1, most = 5, start = 2 } = {}) {
    this.least = least;
    this.most = most;
    this.width = start;
    /** Bytes in a millisecond, before the width was raised to what it is. */
    this.before = 0;
    this.raised = false;
    this.rest = 0;
    this.patience = SHORTEST;
    this.decreasedAt = -Infinity;
    /** @type {number | null} */
    this.began = null;
    this.count = 0;
    this.moved = 0;
  }

  /**
   * A request was answered as it should be.
   * @param {{bytes: number, ended: number, busy: number}} facts times in ms; `busy`: requests that
   *   were under way with it, itself included
   */
  answered({ bytes, ended, busy }) {
    // From one answer to another: so many requests that end together are measured right. Fewer
    // files than places tell nothing about the places.
    if (busy < this.width || this.began === null) {
      this.#begin(ended);
      return;
    }
    this.count += 1;
    this.moved += bytes + OVERHEAD;
    if (this.count < ROUND * this.width || ended <= this.began) return;
    this.#judge(this.moved / (ended - this.began));
    this.#begin(ended);
  }

  /**
   * Refused for a while, or not answered at all. What began before the last time is the same
   * trouble, not more of it.
   * @param {{began: number, ended: number}} facts
   */
  refused({ began, ended }) {
    if (began < this.decreasedAt) return;
    this.decreasedAt = ended;
    this.width = Math.max(this.least, Math.ceil(this.width / 2));
    this.raised = false;
    this.rest = this.patience;
    this.began = null;
  }

  /** @param {number} rate of the round that has ended */
  #judge(rate) {
    const { raised } = this;
    this.raised = false;
    if (raised && rate < this.before * GAIN) {
      this.width = Math.max(this.least, this.width - 1);
      this.rest = this.patience;
      this.patience = Math.min(LONGEST, this.patience * 2);
    } else if (raised || this.rest <= 0) {
      this.before = rate;
      this.raised = this.width < this.most;
      this.width = Math.min(this.most, this.width + 1);
    } else this.rest -= 1;
  }

  /** @param {number} at */
  #begin(at) {
    this.began = at;
    this.count = 0;
    this.moved = 0;
  }
}
