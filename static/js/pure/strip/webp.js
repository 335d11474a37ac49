/** A WebP without what is not needed for its pixels: profile, transparency, frames and picture stay. */
import { latin1 } from "../kinds.js";
import { Said, UPRIGHT, writeTurn } from "./exif.js";
import { Lost, countBytes, countParts, keep, viewOf } from "./pieces.js";

const KEPT = new Set(["ICCP", "ANIM", "ANMF", "ALPH", "VP8 ", "VP8L"]);
const PICTURES = new Set(["ANMF", "VP8 ", "VP8L"]);
/** Flags of the extended header that say that there is EXIF, and XMP. */
const [HAS_EXIF, HAS_XMP] = [0x08, 0x04];
const HEADER_BYTES = 10;

/**
 * @param {Uint8Array} bytes
 * @returns {import("./pieces.js").Stripped}
 */
export function stripWebp(bytes) {
  const start = new Uint8Array(bytes.subarray(0, 12));
  /** @type {import("./pieces.js").Pieces} */
  const pieces = [start];
  const said = new Said();
  /** @type {Uint8Array | null} */
  let header = null;
  let pictures = 0;
  for (const { name, from, to } of chunks(bytes)) {
    if (PICTURES.has(name)) pictures += 1;
    if (name === "VP8X") pieces.push((header = copyHeader(bytes, from)));
    else if (KEPT.has(name)) keep(pieces, from, to);
    else if (name === "EXIF") said.hearExif(bytes.subarray(from + 8, to));
    else if (name === "XMP ") said.hearXmp(bytes.subarray(from + 8, to));
  }
  if (!pictures) throw new Lost("no picture");
  if (header) settleHeader(header, pieces, said.exifTurn ?? UPRIGHT);
  // A file that is cut off goes on to say so, by the length that it ought to have.
  const missing = Math.max(0, viewOf(bytes).getUint32(4, true) + 8 - bytes.length);
  viewOf(start).setUint32(4, countBytes(pieces) - 8 + missing, true);
  return { pieces, located: said.located };
}

/** @param {Uint8Array} bytes @param {number} from */
function copyHeader(bytes, from) {
  return new Uint8Array(bytes.subarray(from, from + 8 + HEADER_BYTES));
}

/**
 * The header says what the file has: of EXIF the turn, where there is one, and of XMP nothing.
 * @param {Uint8Array} header
 * @param {import("./pieces.js").Pieces} pieces
 * @param {number} turn
 */
function settleHeader(header, pieces, turn) {
  header[8] &= ~(HAS_EXIF | HAS_XMP);
  if (turn === UPRIGHT) return;
  header[8] |= HAS_EXIF;
  pieces.push(exifChunk(turn));
}

/** @param {number} turn */
function exifChunk(turn) {
  const tiff = writeTurn(turn);
  const chunk = new Uint8Array(8 + tiff.length);
  chunk.set([0x45, 0x58, 0x49, 0x46, tiff.length]);
  chunk.set(tiff, 8);
  return chunk;
}

/**
 * @param {Uint8Array} bytes
 * @returns {Generator<{name: string, from: number, to: number}>}
 */
function* chunks(bytes) {
  const view = viewOf(bytes);
  const count = countParts();
  const end = Math.min(view.getUint32(4, true) + 8, bytes.length);
  for (let from = 12; from + 8 <= end;) {
    count();
    const length = view.getUint32(from + 4, true);
    const to = Math.min(from + 8 + length + (length & 1), end);
    yield { name: latin1(bytes, from, from + 4), from, to };
    from = to;
  }
}
