/** The items in the `meta` box of an AVIF or HEIC file: what each is for and where its bytes are. */
import { latin1 } from "../kinds.js";
import { Lost, MOST_PARTS, viewOf } from "./pieces.js";

/**
 * @typedef {import("./pieces.js").Box} Box
 * @typedef {"picture" | "exif" | "xmp" | "other"} Purpose "other": a thumbnail, or no picture
 * @typedef {{purpose: Purpose, spans: import("./pieces.js").Span[]}} Item
 */

/** Kinds of items that are no pictures. */
const TEXTS = new Map([
  ["Exif", "exif"],
  ["mime", "xmp"],
  ["uri ", "other"],
]);
const [IN_FILE, IN_BOX] = [0, 1];

/**
 * @param {Uint8Array} bytes
 * @param {Box[]} inside the boxes of `meta`
 * @returns {Item[]}
 */
export function readItems(bytes, inside) {
  const box = (/** @type {string} */ wanted) => inside.find(({ name }) => name === wanted);
  const [kinds, places, links, data] = ["iinf", "iloc", "iref", "idat"].map(box);
  if (!kinds || !places) throw new Lost("no list of items");
  const purposes = readPurposes(bytes, kinds);
  for (const id of links ? readThumbnails(bytes, links) : []) purposes.set(id, "other");
  return [...readPlaces(bytes, places, data?.body)].map(({ id, spans }) => {
    return { purpose: purposes.get(id) ?? "picture", spans };
  });
}

/** Reads numbers of the widths that the boxes themselves name. */
class Reader {
  /** @param {Uint8Array} bytes @param {Box} box */
  constructor(bytes, box) {
    this.view = viewOf(bytes);
    this.at = box.body;
    this.end = box.to;
  }

  /** @param {number} width 0, 1, 2, 4 or 8 bytes */
  number(width) {
    const at = this.at;
    this.at += width;
    if (this.at > this.end) throw new Lost("a box is too short");
    if (width === 0) return 0;
    if (width === 1) return this.view.getUint8(at);
    if (width === 2) return this.view.getUint16(at);
    if (width === 4) return this.view.getUint32(at);
    if (width === 8) return Number(this.view.getBigUint64(at));
    throw new Lost("no such width");
  }

  /** Version, and past the flags. */
  version() {
    return this.number(4) >>> 24;
  }
}

/** @param {Uint8Array} bytes @param {Box} box @returns {Map<number, Purpose>} */
function readPurposes(bytes, box) {
  const list = new Reader(bytes, box);
  const entries = list.number(list.version() === 0 ? 2 : 4);
  /** @type {Map<number, Purpose>} */
  const purposes = new Map();
  const limit = Math.min(entries, MOST_PARTS);
  for (let index = 0; index < limit; index += 1) {
    const start = list.at;
    const entry = new Reader(bytes, { ...box, body: start + 8 });
    list.at = start + list.number(4);
    const version = entry.version();
    if (list.at <= start + 12 || version < 2) throw new Lost("an entry without a kind");
    const id = entry.number(version === 2 ? 2 : 4);
    const kind = latin1(bytes, entry.at + 2, entry.at + 6);
    const purpose = /** @type {Purpose | undefined} */ (TEXTS.get(kind));
    if (purpose) purposes.set(id, purpose);
  }
  return purposes;
}

/** @param {Uint8Array} bytes @param {Box} box @returns {Generator<number>} */
function* readThumbnails(bytes, box) {
  const list = new Reader(bytes, box);
  const width = list.version() === 0 ? 2 : 4;
  while (list.at + 8 <= list.end) {
    const start = list.at;
    const length = list.number(4);
    if (length < 8) throw new Lost("a link ends before it starts");
    const kind = latin1(bytes, start + 4, start + 8);
    list.at = start + 8;
    if (kind === "thmb") yield list.number(width);
    list.at = start + length;
  }
}

/**
 * @param {Uint8Array} bytes
 * @param {Box} box
 * @param {number | undefined} data where the box of small items begins
 * @returns {Generator<{id: number, spans: import("./pieces.js").Span[]}>}
 */
function* readPlaces(bytes, box, data) {
  const list = new Reader(bytes, box);
  const version = list.version();
  const [first, second] = [list.number(1), list.number(1)];
  const widths = { offset: first >> 4, length: first & 15, base: second >> 4 };
  const index = version === 0 ? 0 : second & 15;
  const items = list.number(version < 2 ? 2 : 4);
  for (let item = 0; item < items; item += 1) {
    const id = list.number(version < 2 ? 2 : 4);
    const method = version === 0 ? IN_FILE : list.number(2) & 15;
    const elsewhere = list.number(2);
    const base = list.number(widths.base) + startOf(method, data);
    if (elsewhere) throw new Lost("its bytes are in another file");
    /** @type {import("./pieces.js").Span[]} */
    const spans = [];
    for (let left = list.number(2); left > 0; left -= 1) {
      list.number(index);
      const from = base + list.number(widths.offset);
      const length = list.number(widths.length);
      if (!length) throw new Lost("an item without a length");
      spans.push([Math.min(from, bytes.length), Math.min(from + length, bytes.length)]);
    }
    yield { id, spans };
  }
}

/** @param {number} method @param {number | undefined} data */
function startOf(method, data) {
  if (method === IN_FILE) return 0;
  if (method === IN_BOX && data !== undefined) return data;
  throw new Lost("its bytes are made from others");
}
