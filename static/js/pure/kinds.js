/** Which accepted kind of photo a file is, by its first bytes alone: names and extensions lie. */

/** Media types of the accepted kinds. */
export const ACCEPTED = Object.freeze({
  jpeg: "image/jpeg",
  png: "image/png",
  webp: "image/webp",
  avif: "image/avif",
  heic: "image/heic",
  tiff: "image/tiff",
  gif: "image/gif",
  bmp: "image/bmp",
});

/** @typedef {keyof typeof ACCEPTED} Kind */

const AVIF = new Set(["avif", "avis"]);
const HEIC = new Set(["heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs"]);
const HEIF = new Set(["mif1", "msf1"]);
/** Sizes of every BMP header version in use. */
const BMP_HEADERS = new Set([12, 16, 40, 52, 56, 64, 108, 124]);

/**
 * @param {Uint8Array} bytes
 * @param {number} from
 * @param {number} to
 */
export function latin1(bytes, from, to) {
  return String.fromCharCode(...bytes.subarray(from, to));
}

/** @type {ReadonlyArray<[string, Kind]>} first bytes as Latin-1 text */
const STARTS = [
  ["\xff\xd8\xff", "jpeg"],
  ["\x89PNG\r\n\x1a\n", "png"],
  ["GIF87a", "gif"],
  ["GIF89a", "gif"],
  ["II*\0", "tiff"],
  ["MM\0*", "tiff"],
];

/**
 * @param {Uint8Array} head the start of a file
 * @returns {Kind | null}
 */
export function findKind(head) {
  const start = latin1(head, 0, 18);
  const known = STARTS.find(([signature]) => start.startsWith(signature));
  if (known) return known[1];
  if (start.startsWith("RIFF") && start.slice(8, 12) === "WEBP") return "webp";
  if (start.startsWith("BM") && isBmp(head)) return "bmp";
  if (start.slice(4, 8) === "ftyp") return findHeifKind(head);
  return null;
}

/** Two letters alone would make a BMP of many a text. @param {Uint8Array} head */
function isBmp(head) {
  if (head.length < 18) return false;
  return BMP_HEADERS.has(new DataView(head.buffer, head.byteOffset).getUint32(14, true));
}

/**
 * The major brand decides; the general HEIF brands leave it to the compatible ones.
 * @param {Uint8Array} head
 * @returns {"avif" | "heic" | null}
 */
function findHeifKind(head) {
  const major = latin1(head, 8, 12);
  if (AVIF.has(major)) return "avif";
  if (HEIC.has(major)) return "heic";
  if (!HEIF.has(major)) return null;
  const length = new DataView(head.buffer, head.byteOffset).getUint32(0);
  const end = Math.min(length, 512, head.length);
  for (let at = 16; at < end; at += 4) if (AVIF.has(latin1(head, at, at + 4))) return "avif";
  return "heic";
}
