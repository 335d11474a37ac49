/** Which of a list of ids are chosen; a range runs from the last one touched. */
export class Selection {
  /** @param {string[]} ids in the order of the page */
  constructor(ids) {
    this.ids = ids;
    /** @type {Set<string>} */
    this.chosen = new Set();
    /** @type {string | null} */
    this.anchor = null;
    /** @type {{from: string, before: Set<string>} | null} a range that is being drawn */
    this.reaching = null;
  }

  get size() {
    return this.chosen.size;
  }

  get isWhole() {
    return this.ids.length > 0 && this.chosen.size === this.ids.length;
  }

  /** @param {string[]} ids that follow those of before */
  append(ids) {
    this.ids = [...this.ids, ...ids];
  }

  /**
   * @param {string} id
   * @param {boolean} on
   */
  set(id, on) {
    this.#mark(id, on);
    this.#touch(id);
  }

  /**
   * Everything from the last one touched up to `id`, both included.
   * @param {string} id
   * @param {boolean} on
   */
  extend(id, on) {
    for (const each of this.#between(this.anchor, id)) this.#mark(each, on);
    this.#touch(id);
  }

  /**
   * Everything from where it began up to `id`, and no more of it than that: it grows and shrinks
   * with every step, and what was chosen before stays.
   * @param {string} from where it begins, if it begins now
   * @param {string} id
   */
  reach(from, id) {
    this.reaching ??= { from, before: new Set(this.chosen) };
    this.chosen = new Set([...this.reaching.before, ...this.#between(this.reaching.from, id)]);
    this.anchor = id;
  }

  /** @param {boolean} on */
  setAll(on) {
    this.chosen = new Set(on ? this.ids : []);
    this.anchor = null;
    this.reaching = null;
  }

  /** @param {string} id */
  remove(id) {
    this.ids = this.ids.filter((other) => other !== id);
    this.chosen.delete(id);
    this.reaching = null;
  }

  /** @param {string} id */
  #touch(id) {
    this.anchor = id;
    this.reaching = null;
  }

  /** @param {string | null} one @param {string} other */
  #between(one, other) {
    const from = one === null ? -1 : this.ids.indexOf(one);
    const to = this.ids.indexOf(other);
    const [first, last] = from < 0 ? [to, to] : [Math.min(from, to), Math.max(from, to)];
    return this.ids.slice(first, last + 1);
  }

  /** @param {string} id @param {boolean} on */
  #mark(id, on) {
    if (on) this.chosen.add(id);
    else this.chosen.delete(id);
  }
}
