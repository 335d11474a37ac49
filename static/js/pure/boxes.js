/**
 * The pixel size in an AVIF or HEIC file: boxes within boxes (ISO/IEC 14496-12), with one `ispe`
 * box in meta/iprp/ipco for every size in use. Tiles, thumbnails and masks have theirs too, but
 * never a larger one than the photo.
 * @typedef {{width: number, height: number}} Size
 */
import { latin1 } from "./kinds.js";

/** Boxes that are looked into, with the bytes before their first child. */
const CONTAINERS = new Map([
  ["meta", 4],
  ["iprp", 0],
  ["ipco", 0],
]);
const DEEPEST = 3;

/**
 * @param {DataView} view
 * @param {Uint8Array} head
 * @returns {Size | null}
 */
export function readBoxSize(view, head) {
  let largest = null;
  for (const size of findSizes(view, head, { from: 0, to: head.length, depth: 0 })) {
    if (!largest || size.width * size.height > largest.width * largest.height) largest = size;
  }
  return largest;
}

/**
 * @param {DataView} view
 * @param {Uint8Array} head
 * @param {{from: number, to: number, depth: number}} span
 * @returns {Generator<Size>}
 */
function* findSizes(view, head, { from, to, depth }) {
  let at = from;
  while (at + 8 <= to) {
    const { name, body, stop } = readBox(view, head, at, to);
    if (stop < body) return;
    const skip = CONTAINERS.get(name);
    if (name === "ispe" && body + 12 <= stop) {
      yield { width: view.getUint32(body + 4), height: view.getUint32(body + 8) };
    } else if (skip !== undefined && depth < DEEPEST) {
      yield* findSizes(view, head, { from: body + skip, to: stop, depth: depth + 1 });
    }
    at = stop;
  }
}

/**
 * @param {DataView} view
 * @param {Uint8Array} head
 * @param {number} at
 * @param {number} to
 */
function readBox(view, head, at, to) {
  const name = latin1(head, at + 4, at + 8);
  let length = view.getUint32(at);
  let body = at + 8;
  if (length === 1 && at + 16 <= to) {
    length = Number(view.getBigUint64(body));
    body = at + 16;
  }
  return { name, body, stop: length === 0 ? to : Math.min(at + length, to) };
}
