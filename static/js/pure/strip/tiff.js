/**
 * A TIFF built anew around its first picture: the entries that say how its samples are stored, its
 * turn, its profile, and its strips or tiles as they are. What nothing refers to any more, further
 * pages and layers among it, is not copied.
 */
import { latin1 } from "../kinds.js";
import { UPRIGHT, readExif, readXmp } from "./exif.js";
import { Lost, countBytes, keep, viewOf } from "./pieces.js";

const [COMPRESSION, ORIENTATION, XMP, PLACES] = [259, 274, 700, 33723];
/** Where the pieces of the picture are, and how long each is: of strips, or of tiles. */
const PAIRS = new Map([
  [273, 279],
  [324, 325],
]);
/** As in `processing/engine/directory.py`, but for the tables of the old form of JPEG in TIFF. */
const KEPT = new Set([
  ...[256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 284, 292, 293, 301, 317, 320],
  ...[322, 323, 324, 325, 332, 334, 338, 339, 340, 341, 347, 529, 530, 531, 532, 34675],
]);
const OLD_JPEG = 6;
/** Bytes of a value, by its type. */
const WIDTHS = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4];
const LONG = 4;
const MOST_ENTRIES = 4096;

/**
 * @typedef {{tag: number, type: number, count: number, value: Uint8Array}} Entry
 * @param {Uint8Array} bytes
 * @returns {import("./pieces.js").Stripped}
 */
export function stripTiff(bytes) {
  const little = bytes[0] === 0x49;
  const all = readDirectory(bytes, little);
  const kept = [...all.values()].filter((entry) => isNeeded(entry, little));
  if (all.has(COMPRESSION) && numbers(all.get(COMPRESSION), little)[0] === OLD_JPEG) {
    throw new Lost("its tables are somewhere");
  }
  const { located } = readExif(bytes);
  const xmp = all.get(XMP);
  const spans = findPicture(all, bytes, little);
  return {
    pieces: build(bytes, kept, spans, little),
    located: located || all.has(PLACES) || (xmp !== undefined && readXmp(xmp.value).located),
  };
}

/** @param {Entry} entry @param {boolean} little */
function isNeeded(entry, little) {
  if (entry.tag === ORIENTATION) return numbers(entry, little)[0] !== UPRIGHT;
  return KEPT.has(entry.tag);
}

/**
 * @param {Uint8Array} bytes
 * @param {boolean} little
 * @returns {Map<number, Entry>} the first entry of each tag
 */
function readDirectory(bytes, little) {
  const view = viewOf(bytes);
  const first = view.getUint32(4, little);
  const count = view.getUint16(first, little);
  if (count > MOST_ENTRIES) throw new Lost("too many entries");
  /** @type {Map<number, Entry>} */
  const entries = new Map();
  for (let at = first + 2; at < first + 2 + count * 12; at += 12) {
    const tag = view.getUint16(at, little);
    const type = view.getUint16(at + 2, little);
    const values = view.getUint32(at + 4, little);
    const length = values * (WIDTHS[type] ?? 0);
    const place = length > 4 ? view.getUint32(at + 8, little) : at + 8;
    if (KEPT.has(tag) && place + length > bytes.length) throw new Lost("a value is not there");
    const value = bytes.subarray(place, place + length);
    if (!entries.has(tag)) entries.set(tag, { tag, type, count: values, value });
  }
  return entries;
}

/**
 * @param {Entry | undefined} entry
 * @param {boolean} little
 * @returns {number[]}
 */
function numbers(entry, little) {
  if (!entry || (entry.type !== 3 && entry.type !== LONG)) throw new Lost("not a number");
  const view = viewOf(entry.value);
  return Array.from({ length: entry.count }, (_, place) => {
    return entry.type === 3 ? view.getUint16(place * 2, little) : view.getUint32(place * 4, little);
  });
}

/**
 * Where the pieces of the picture are: the tag that says so, and the spans.
 * @param {Map<number, Entry>} all
 * @param {Uint8Array} bytes
 * @param {boolean} little
 */
function findPicture(all, bytes, little) {
  const [tag] = [...PAIRS.keys()].filter((one) => all.has(one));
  if (!tag) throw new Lost("no picture");
  const starts = numbers(all.get(tag), little);
  const lengths = numbers(all.get(/** @type {number} */ (PAIRS.get(tag))), little);
  if (starts.length !== lengths.length) throw new Lost("not as many lengths as places");
  // The same bytes named again and again would make a large file of a small one.
  if (lengths.reduce((sum, length) => sum + length, 0) > bytes.length) throw new Lost("too much");
  return { tag, starts, lengths };
}

/**
 * @param {Uint8Array} bytes
 * @param {Entry[]} kept
 * @param {{tag: number, starts: number[], lengths: number[]}} picture
 * @param {boolean} little
 */
function build(bytes, kept, { tag, starts, lengths }, little) {
  const entries = kept.sort((one, other) => one.tag - other.tag);
  const sizeOf = (/** @type {Entry} */ entry) => {
    return entry.tag === tag ? starts.length * 4 : entry.value.length;
  };
  const outside = entries.map(sizeOf).filter((size) => size > 4);
  const values = 8 + 2 + entries.length * 12 + 4;
  const head = new Uint8Array(values + outside.reduce((sum, size) => sum + size + (size & 1), 0));
  /** @type {import("./pieces.js").Pieces} */
  const pieces = [head];
  const places = new Uint8Array(starts.length * 4);
  starts.forEach((start, index) => {
    viewOf(places).setUint32(index * 4, countBytes(pieces), little);
    keep(pieces, Math.min(start, bytes.length), Math.min(start + lengths[index], bytes.length));
  });
  const written = entries.map((entry) => {
    return entry.tag === tag ? { tag, type: LONG, count: starts.length, value: places } : entry;
  });
  writeDirectory(head, written, values, latin1(bytes, 0, 2));
  return pieces;
}

/**
 * @param {Uint8Array} head
 * @param {Entry[]} entries
 * @param {number} values where what is longer than four bytes goes
 * @param {string} order "II" or "MM"
 */
function writeDirectory(head, entries, values, order) {
  const little = order === "II";
  const view = viewOf(head);
  head.fill(order.charCodeAt(0), 0, 2);
  view.setUint16(2, 42, little);
  view.setUint32(4, 8, little);
  view.setUint16(8, entries.length, little);
  let free = values;
  entries.forEach(({ tag, type, count, value }, index) => {
    const at = 10 + index * 12;
    view.setUint16(at, tag, little);
    view.setUint16(at + 2, type, little);
    view.setUint32(at + 4, count, little);
    const inside = value.length <= 4;
    head.set(value, inside ? at + 8 : free);
    if (inside) return;
    view.setUint32(at + 8, free, little);
    free += value.length + (value.length & 1);
  });
}
