/**
 * What a photo is, by content: the browser's twin of `processing/engine/sniff.py`. Both are held
 * to `tests/vectors/sniff.json`, so that the page and the server refuse the same files.
 */
import { isCameraRaw, nameForeign } from "./foreign.js";
import { ACCEPTED, findKind } from "./kinds.js";
import { readSize } from "./pixels.js";
import { _ } from "./words.js";

/**
 * @typedef {object} Header
 * @property {import("./kinds.js").Kind | null} kind
 * @property {string | null} mediaType
 * @property {number | null} width pixels as stored (a turn may swap it); null: not in the head
 * @property {number | null} height
 * @property {"empty_file" | "unsupported_type" | "not_an_image" | "decode_failed" | null} error
 * @property {string | null} name what a refused file is, with its article: "a PDF"
 */

/** How much of a file `sniff` wants to see; more is ignored. */
export const HEAD_BYTES = 256 * 1024;
/** Enough for almost every photo of the kinds whose size comes first, and read in a blink. */
const SHORT_HEAD_BYTES = 16 * 1024;
/** Their directories may lie deep in the file, or be cut by a short head. */
const DEEP_KINDS = new Set(["tiff", "avif", "heic"]);

/**
 * @param {Uint8Array} bytes the start of a file
 * @returns {Header}
 */
export function sniff(bytes) {
  if (!bytes.length) return refuse("empty_file");
  const head = bytes.subarray(0, HEAD_BYTES);
  const kind = findKind(head);
  if (!kind) {
    const name = nameForeign(head);
    return refuse(name ? "unsupported_type" : "not_an_image", name);
  }
  if (kind === "tiff" && isCameraRaw(head)) {
    return refuse("unsupported_type", _("a camera raw file"));
  }
  const size = readSize(kind, head);
  if (size && (size.width === 0 || size.height === 0)) return refuse("decode_failed");
  const { width, height } = size ?? { width: null, height: null };
  return { kind, mediaType: ACCEPTED[kind], width, height, error: null, name: null };
}

/**
 * Reads as little of a file as tells what it is.
 * @param {Blob} file
 * @returns {Promise<Header>}
 */
export async function sniffFile(file) {
  const header = sniff(await readStart(file, SHORT_HEAD_BYTES));
  if (file.size <= SHORT_HEAD_BYTES || !header.kind) return header;
  if (header.width !== null && !DEEP_KINDS.has(header.kind)) return header;
  return sniff(await readStart(file, HEAD_BYTES));
}

/** @param {Blob} file @param {number} length */
async function readStart(file, length) {
  return new Uint8Array(await file.slice(0, length).arrayBuffer());
}

/**
 * @param {NonNullable<Header["error"]>} error
 * @param {string | null} name
 * @returns {Header}
 */
function refuse(error, name = null) {
  return { kind: null, mediaType: null, width: null, height: null, error, name };
}
