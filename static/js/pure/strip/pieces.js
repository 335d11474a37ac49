/**
 * What is left of a file, in order: spans of it, which stay where they are until they are sent, and
 * bytes written anew.
 * @typedef {[number, number]} Span from, up to
 * @typedef {Array<Span | Uint8Array>} Pieces
 *
 * What a file came to. `located`: it said where the photo was taken.
 * @typedef {{pieces: Pieces, located: boolean}} Stripped
 *
 * A box of ISO/IEC 14496-12: where it starts, where what is in it starts, where it ends.
 * @typedef {{name: string, from: number, body: number, to: number}} Box
 */

/** No camera or program writes so many parts; a walk through them ends here. */
export const MOST_PARTS = 100_000;

/** A file whose parts cannot be followed from its start to its end. */
export class Lost extends Error {}

/**
 * @param {Pieces} pieces
 * @param {number} from
 * @param {number} to
 */
export function keep(pieces, from, to) {
  const last = pieces.at(-1);
  if (Array.isArray(last) && last[1] === from) last[1] = to;
  else pieces.push([from, to]);
}

/** @param {Pieces} pieces */
export function countBytes(pieces) {
  return pieces.reduce((sum, piece) => {
    return sum + (Array.isArray(piece) ? piece[1] - piece[0] : piece.length);
  }, 0);
}

/** @param {Uint8Array} bytes */
export function viewOf(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Counts what a walk has passed. @returns {() => void} throws Lost when it was too much */
export function countParts() {
  let parts = 0;
  return () => {
    parts += 1;
    if (parts > MOST_PARTS) throw new Lost("too many parts");
  };
}
