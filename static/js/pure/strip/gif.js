/** A GIF without comments, texts and applications' blocks; frames stay, and how often they run. */
import { latin1 } from "../kinds.js";
import { readXmp } from "./exif.js";
import { Lost, countParts, keep } from "./pieces.js";

const [EXTENSION, IMAGE, END] = [0x21, 0x2c, 0x3b];
const [CONTROL, APPLICATION] = [0xf9, 0xff];
const LOOPS = new Set(["NETSCAPE2.0", "ANIMEXTS1.0"]);

/**
 * @param {Uint8Array} bytes
 * @returns {import("./pieces.js").Stripped}
 */
export function stripGif(bytes) {
  /** @type {import("./pieces.js").Pieces} */
  const pieces = [];
  const count = countParts();
  let [at, located, pictures] = [13 + paletteBytes(bytes[10]), false, 0];
  keep(pieces, 0, Math.min(at, bytes.length));
  while (at < bytes.length && bytes[at] !== END) {
    count();
    if (bytes[at] !== EXTENSION && bytes[at] !== IMAGE) throw new Lost("no block starts here");
    const picture = bytes[at] === IMAGE;
    const to = skipBlocks(bytes, picture ? at + 11 + paletteBytes(bytes[at + 9]) : at + 2);
    if (picture) pictures += 1;
    if (picture || isNeeded(bytes, at)) keep(pieces, at, to);
    else located ||= readXmp(bytes.subarray(at, to)).located;
    at = to;
  }
  if (!pictures) throw new Lost("no picture");
  if (bytes[at] === END) keep(pieces, at, at + 1);
  return { pieces, located };
}

/** @param {Uint8Array} bytes @param {number} at of an extension */
function isNeeded(bytes, at) {
  const label = bytes[at + 1];
  return label === CONTROL || (label === APPLICATION && LOOPS.has(latin1(bytes, at + 3, at + 14)));
}

/** @param {number} flags */
function paletteBytes(flags) {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}

/** To behind the empty block that ends a chain. @param {Uint8Array} bytes @param {number} start */
function skipBlocks(bytes, start) {
  let at = start;
  while (bytes[at]) at += bytes[at] + 1;
  return Math.min(at + 1, bytes.length);
}
