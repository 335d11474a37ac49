/** Which of a list of ids are chosen; a range runs from the last one touched. */
export class Selection {
  /** @param {string[]} ids in the order of the page */
  constructor(ids) {
    this.ids = ids;
    /** @type {Set<string>} */
    this.chosen = new Set();
    /** @type {string | null} */
    this.anchor = null;
  }

  get size() {
    return this.chosen.size;
  }

  get isWhole() {
    return this.ids.length > 0 && this.chosen.size === this.ids.length;
  }

  /**
   * @param {string} id
   * @param {boolean} on
   */
  set(id, on) {
    this.#mark(id, on);
    this.anchor = id;
  }

  /**
   * Everything from the last one touched up to `id`, both included.
   * @param {string} id
   * @param {boolean} on
   */
  extend(id, on) {
    const from = this.anchor === null ? -1 : this.ids.indexOf(this.anchor);
    const to = this.ids.indexOf(id);
    const [first, last] = from < 0 ? [to, to] : [Math.min(from, to), Math.max(from, to)];
    for (const each of this.ids.slice(first, last + 1)) this.#mark(each, on);
    this.anchor = id;
  }

  /** @param {boolean} on */
  setAll(on) {
    this.chosen = new Set(on ? this.ids : []);
    this.anchor = null;
  }

  /** @param {string} id */
  remove(id) {
    this.ids = this.ids.filter((other) => other !== id);
    this.chosen.delete(id);
  }

  /** @param {string} id @param {boolean} on */
  #mark(id, on) {
    if (on) this.chosen.add(id);
    else this.chosen.delete(id);
  }
}
