/**
 * A photo without what it says besides its picture: where and when and by whom it was taken, with
 * what, texts, earlier versions. No pixel is decoded or changed; which way up it is, and the colour
 * profile, stay. docs/before-sending.md lists what each format loses.
 */
import { stripBoxes } from "./strip/boxes.js";
import { stripGif } from "./strip/gif.js";
import { stripJpeg } from "./strip/jpeg.js";
import { Lost } from "./strip/pieces.js";
import { stripPng } from "./strip/png.js";
import { stripTiff } from "./strip/tiff.js";
import { stripWebp } from "./strip/webp.js";

/** @typedef {import("./strip/pieces.js").Stripped} Stripped */

/** @type {Record<import("./kinds.js").Kind, (bytes: Uint8Array) => Stripped>} */
const STRIPPERS = {
  jpeg: stripJpeg,
  png: stripPng,
  webp: stripWebp,
  gif: stripGif,
  tiff: stripTiff,
  avif: stripBoxes,
  heic: stripBoxes,
  // It has no place for anything but its picture.
  bmp: (bytes) => ({ pieces: [[0, bytes.length]], located: false }),
};

/**
 * @param {Uint8Array} bytes a whole file
 * @param {import("./kinds.js").Kind} kind as sniffed
 * @returns {Stripped | null} null for a file whose structure cannot be followed
 */
export function strip(bytes, kind) {
  try {
    return STRIPPERS[kind](bytes);
  } catch (error) {
    // Whoever reads beyond the end gets a RangeError.
    if (error instanceof Lost || error instanceof RangeError) return null;
    throw error;
  }
}

/**
 * The stripped file. Spans are not copied: they are read from the file when they are sent.
 * @param {File} file
 * @param {Stripped} stripped
 * @param {string} mediaType
 */
export function rebuild(file, { pieces }, mediaType) {
  const parts = pieces.map((piece) => (Array.isArray(piece) ? file.slice(...piece) : piece));
  const { name, lastModified } = file;
  return new File(/** @type {BlobPart[]} */ (parts), name, { type: mediaType, lastModified });
}
