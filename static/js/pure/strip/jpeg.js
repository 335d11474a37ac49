/**
 * A JPEG without what is not needed for its pixels. Kept: frame, tables, scans, JFIF without its
 * thumbnail, Adobe's marker, colour profiles. Written anew: the turn. Everything else goes, and all
 * that comes behind the end (further pictures, gain maps, the film of a "motion photo").
 */
import { latin1 } from "../kinds.js";
import { Said, UPRIGHT, writeTurn } from "./exif.js";
import { Lost, countParts, keep, viewOf } from "./pieces.js";

const [END, SCAN, APP0, APP1, APP2, APP13, APP14] = [0xd9, 0xda, 0xe0, 0xe1, 0xe2, 0xed, 0xee];
const JFIF_BYTES = 14;
const ADOBE_BYTES = 12;
const XMP = "http://ns.adobe.com/x";

/**
 * @param {Uint8Array} bytes
 * @returns {import("./pieces.js").Stripped}
 */
export function stripJpeg(bytes) {
  /** @type {import("./pieces.js").Pieces} */
  const pieces = [[0, 2]];
  const said = new Said();
  let scans = 0;
  for (const { marker, from, to } of segments(bytes)) {
    const body = bytes.subarray(from + 4, to);
    if (marker === SCAN) scans += 1;
    if (marker === APP1 || marker === APP13) listen(marker, body, said);
    else if (marker === APP0 || marker === APP14) pieces.push(...shorten(marker, body));
    else if (isNeeded(marker, body)) keep(pieces, from, to);
  }
  if (!scans) throw new Lost("no picture");
  const turn = said.exifTurn ?? said.xmpTurn ?? UPRIGHT;
  if (turn !== UPRIGHT) pieces.splice(1, 0, exifSegment(turn));
  return { pieces, located: said.located };
}

/** @param {number} marker @param {Uint8Array} body @param {Said} said */
function listen(marker, body, said) {
  const name = latin1(body, 0, XMP.length);
  if (marker === APP13) said.hearIptc(body);
  else if (name.startsWith("Exif\0")) said.hearExif(body);
  else if (name === XMP) said.hearXmp(body);
}

/** @param {number} marker @param {Uint8Array} body */
function isNeeded(marker, body) {
  if (marker === APP2) return latin1(body, 0, 12) === "ICC_PROFILE\0";
  return marker >= 0xc0 && marker < APP0;
}

/**
 * JFIF says the shape of a pixel and Adobe what the colours are, in their first bytes.
 * @param {number} marker
 * @param {Uint8Array} body
 * @returns {Uint8Array[]} none for what else stands in such a segment
 */
function shorten(marker, body) {
  const [name, length] = marker === APP0 ? ["JFIF\0", JFIF_BYTES] : ["Adobe", ADOBE_BYTES];
  if (latin1(body, 0, 5) !== name || body.length < length) return [];
  const segment = new Uint8Array(4 + length);
  segment.set([0xff, marker, 0, 2 + length]);
  segment.set(body.subarray(0, length), 4);
  if (marker === APP0) segment.fill(0, 4 + length - 2); // No thumbnail: none wide, none high.
  return [segment];
}

/** @param {number} turn */
function exifSegment(turn) {
  const tiff = writeTurn(turn);
  const segment = new Uint8Array(10 + tiff.length);
  segment.set([0xff, APP1, 0, 8 + tiff.length, 0x45, 0x78, 0x69, 0x66]);
  segment.set(tiff, 10);
  return segment;
}

/**
 * Segments in order, a scan with its data. Bytes between segments, which decoders skip, are in none.
 * @param {Uint8Array} bytes
 * @returns {Generator<{marker: number, from: number, to: number}>}
 */
function* segments(bytes) {
  const view = viewOf(bytes);
  const count = countParts();
  let from = findMarker(bytes, 2);
  while (from >= 0) {
    count();
    const marker = bytes[from + 1];
    if (marker === END) {
      yield { marker, from, to: from + 2 };
      return;
    }
    let to = from + 2;
    if (!isBare(marker)) {
      // A file that ends here is cut off: the server says so.
      if (from + 4 > bytes.length) return;
      to = Math.min(to + Math.max(view.getUint16(to), 2), bytes.length);
      if (marker === SCAN) to = findEndOfScan(bytes, to);
      yield { marker, from, to };
    }
    from = findMarker(bytes, to);
  }
}

/** @param {Uint8Array} bytes @param {number} at @returns {number} where its FF is, or -1 */
function findMarker(bytes, at) {
  let found = bytes.indexOf(0xff, at);
  while (found >= 0 && [0x00, 0xff, undefined].includes(bytes[found + 1])) {
    found = bytes.indexOf(0xff, found + 1);
  }
  return found;
}

/** @param {Uint8Array} bytes @param {number} at */
function findEndOfScan(bytes, at) {
  let found = findMarker(bytes, at);
  while (found >= 0 && isBare(bytes[found + 1])) found = findMarker(bytes, found + 2);
  return found < 0 ? bytes.length : found;
}

/** Markers without a length. @param {number} marker */
function isBare(marker) {
  return marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
}
