/**
 * Width and height as the first bytes of a photo state them, before any turn by EXIF.
 * Every reader may run off the end of the bytes at hand: DataView then throws a RangeError, which
 * `readSize` turns into "not known from these bytes". Nothing here judges a file's structure; the
 * decoder does that later.
 * @typedef {{width: number, height: number}} Size
 */
import { readBoxSize } from "./boxes.js";
import { latin1 } from "./kinds.js";
import { readTags } from "./tiff.js";

/** @type {Record<string, (view: DataView, head: Uint8Array) => Size | null>} */
const READERS = {
  jpeg: readJpeg,
  png: readPng,
  webp: readWebp,
  avif: readBoxSize,
  heic: readBoxSize,
  tiff: readTiff,
  gif: (view) => ({ width: view.getUint16(6, true), height: view.getUint16(8, true) }),
  bmp: readBmp,
};

/**
 * @param {string} kind one of the accepted kinds
 * @param {Uint8Array} head the start of the file
 * @returns {Size | null} null when the size lies beyond these bytes or is not stated
 */
export function readSize(kind, head) {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  try {
    return READERS[kind](view, head);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/**
 * Walks the markers to the first frame header; null when pixels begin before one.
 * @param {DataView} view
 * @param {Uint8Array} head
 */
function readJpeg(view, head) {
  let at = 2;
  for (;;) {
    at = head.indexOf(0xff, at);
    if (at < 0) return null;
    while (head[at] === 0xff) at += 1;
    const marker = view.getUint8(at);
    at += 1;
    if (isFrame(marker)) return { width: view.getUint16(at + 5), height: view.getUint16(at + 3) };
    if (marker === 0xd9 || marker === 0xda) return null;
    if (!isBare(marker)) at += Math.max(view.getUint16(at), 2);
  }
}

/** C4, C8 and CC are tables, not frames. @param {number} marker */
function isFrame(marker) {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

/** Markers without a length. @param {number} marker */
function isBare(marker) {
  return marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8);
}

/** @param {DataView} view @param {Uint8Array} head */
function readPng(view, head) {
  if (latin1(head, 12, 16) !== "IHDR") return null;
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/**
 * A negative height means rows from top to bottom; a negative width means nothing: 0.
 * @param {DataView} view
 */
function readBmp(view) {
  if (view.getUint32(14, true) === 12) {
    return { width: view.getUint16(18, true), height: view.getUint16(20, true) };
  }
  return {
    width: Math.max(0, view.getInt32(18, true)),
    height: Math.abs(view.getInt32(22, true)),
  };
}

/** @param {DataView} view @param {Uint8Array} head */
function readWebp(view, head) {
  const chunk = latin1(head, 12, 16);
  if (chunk === "VP8 " && latin1(head, 23, 26) === "\x9d\x01\x2a") {
    const [width, height] = [view.getUint16(26, true), view.getUint16(28, true)];
    return { width: width & 0x3fff, height: height & 0x3fff };
  }
  if (chunk === "VP8L" && head[20] === 0x2f) {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (chunk !== "VP8X") return null;
  return { width: readUint24(view, 24) + 1, height: readUint24(view, 27) + 1 };
}

/** @param {DataView} view @param {number} at */
function readUint24(view, at) {
  return view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
}

/** @param {DataView} _view @param {Uint8Array} head */
function readTiff(_view, head) {
  const tags = readTags(head);
  const [width, height] = [tags.get(256), tags.get(257)];
  return width === undefined || height === undefined ? null : { width, height };
}
