/** How far the sending of many photos is: numbers, and the words for them. */
import { fill, ngettext } from "./words.js";

/**
 * @typedef {"open" | "sent" | "failed" | "refused"} Fate `failed` can be tried again
 * @typedef {object} Counts
 * @property {number} total
 * @property {number} open neither sent nor given up
 * @property {number} sent
 * @property {number} failed
 * @property {number} refused
 * @property {number} part of all bytes, from 0 to 1
 */

/** Counts from the first photo until all have come to an end; the next one begins anew. */
export class Tally {
  constructor() {
    /** @type {Map<object, {size: number, done: number, fate: Fate}>} */
    this.items = new Map();
    this.bytes = 0;
    this.done = 0;
    /** @type {Record<Fate, number>} */
    this.counts = { open: 0, sent: 0, failed: 0, refused: 0 };
  }

  /** @param {object} key @param {number} size in bytes */
  add(key, size) {
    if (!this.counts.open) this.#begin();
    this.#drop(key);
    this.items.set(key, { size, done: 0, fate: "open" });
    this.counts.open += 1;
    this.bytes += size;
  }

  /** @param {object} key @param {Fate} fate */
  settle(key, fate) {
    const item = this.items.get(key);
    if (!item) return;
    this.counts[item.fate] -= 1;
    this.counts[fate] += 1;
    item.fate = fate;
    this.#move(item, fate === "open" ? item.done : item.size);
  }

  /** @param {object} key @param {number} part from 0 to 1 */
  advance(key, part) {
    const item = this.items.get(key);
    if (item) this.#move(item, item.size * part);
  }

  /** It is no longer to be sent. @param {object} key */
  remove(key) {
    // What is sent stays counted, also when it has left the page.
    if (this.items.get(key)?.fate !== "sent") this.#drop(key);
  }

  /** @returns {object[]} those that are neither sent nor given up, in their order */
  get open() {
    return [...this.items].filter(([, { fate }]) => fate === "open").map(([key]) => key);
  }

  /** @returns {Counts} */
  read() {
    const { bytes, done, counts } = this;
    return { total: this.items.size, ...counts, part: bytes ? done / bytes : 0 };
  }

  /** @param {object} key */
  #drop(key) {
    const item = this.items.get(key);
    if (!item) return;
    this.#move(item, 0);
    this.bytes -= item.size;
    this.counts[item.fate] -= 1;
    this.items.delete(key);
  }

  /** @param {{size: number, done: number}} item @param {number} done */
  #move(item, done) {
    this.done += done - item.done;
    item.done = done;
  }

  /** What has come to an end is forgotten, but for what can be tried again. */
  #begin() {
    for (const [key, { fate }] of this.items) if (fate !== "failed") this.#drop(key);
  }
}

/**
 * "312 of 500 photos sent, 2 failed".
 * @param {Counts} counts
 */
export function nameProgress({ total, open, sent, failed, refused }) {
  const bad = failed + refused;
  if (!open && !bad) {
    return fill(ngettext("%(total)s photo is sent", "All %(total)s photos are sent", total), {
      total,
    });
  }
  const sentence = bad
    ? ngettext(
        "%(sent)s of %(total)s photo sent, %(bad)s failed",
        "%(sent)s of %(total)s photos sent, %(bad)s failed",
        total,
      )
    : ngettext("%(sent)s of %(total)s photo sent", "%(sent)s of %(total)s photos sent", total);
  return fill(sentence, { sent, total, bad });
}

/** @param {number} failed */
export function nameRetry(failed) {
  const sentence = ngettext("Try the failed one again", "Try the %(failed)s failed again", failed);
  return fill(sentence, { failed });
}

/**
 * The question before the rest is given up, and the button that says yes.
 * @param {number} open
 */
export function nameCancel(open) {
  const title = ngettext("Do not send %(open)s photo?", "Do not send %(open)s photos?", open);
  const act = ngettext("Do not send %(open)s photo", "Do not send %(open)s photos", open);
  return { title: fill(title, { open }), act: fill(act, { open }) };
}

const NAMED = 3;

/**
 * What is lost when the page is closed now.
 * @param {string[]} names
 */
export function nameUnsent(names) {
  const shown = names.slice(0, NAMED).join(", ");
  const more = names.length - NAMED;
  const sentence =
    more > 0
      ? ngettext(
          "%(shown)s and %(more)s more are not sent yet. Closing this page leaves them unsent.",
          "%(shown)s and %(more)s more are not sent yet. Closing this page leaves them unsent.",
          more,
        )
      : ngettext(
          "%(shown)s is not sent yet. Closing this page leaves it unsent.",
          "%(shown)s are not sent yet. Closing this page leaves them unsent.",
          names.length,
        );
  return fill(sentence, { shown, more });
}
