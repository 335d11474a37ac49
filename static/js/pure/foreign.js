/** Names of the files that people send by mistake, so that the refusal can say what they sent. */
import { latin1 } from "./kinds.js";
import { readTags } from "./tiff.js";
import { _ } from "./words.js";

const OFFICE = _("an Office document");
const POSTSCRIPT = _("a PostScript file");
const JPEG_2000 = _("a JPEG 2000 image");
const JPEG_XL = _("a JPEG XL image");
const RAW = _("a camera raw file");
const VIDEO = _("a video");
const SOUND = _("a sound file");
const ICON = _("an icon file");
const ZIP = _("a ZIP archive");

/** @type {ReadonlyArray<[string, string]>} first bytes as Latin-1 text, and what starts so */
const STARTS = [
  ["%PDF-", _("a PDF")],
  ["%!PS", POSTSCRIPT],
  ["\xc5\xd0\xd3\xc6", POSTSCRIPT],
  ["8BPS", _("a Photoshop file")],
  ["gimp xcf", _("a GIMP file")],
  ["PK\x03\x04", ZIP],
  ["PK\x05\x06", ZIP],
  ["\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OFFICE],
  ["\x1f\x8b", _("a gzip archive")],
  ["Rar!\x1a\x07", _("a RAR archive")],
  ["7z\xbc\xaf\x27\x1c", _("a 7z archive")],
  ["\0\0\0\x0cjP  \r\n\x87\n", JPEG_2000],
  ["\xff\x4f\xff\x51", JPEG_2000],
  ["\0\0\0\x0cJXL \r\n\x87\n", JPEG_XL],
  ["\xff\x0a", JPEG_XL],
  ["II+\0", _("a BigTIFF image")],
  ["MM\0+", _("a BigTIFF image")],
  ["IIRO", RAW],
  ["IIRS", RAW],
  ["IIU\0", RAW],
  ["FUJIFILMCCD-RAW", RAW],
  ["\x1a\x45\xdf\xa3", VIDEO],
  ["\0\0\x01\xba", VIDEO],
  ["\0\0\x01\xb3", VIDEO],
  ["FLV\x01", VIDEO],
  ["OggS", SOUND],
  ["ID3", SOUND],
  ["fLaC", SOUND],
  ["\0\0\x01\0", ICON],
  ["icns", ICON],
];
const QUICKTIME = new Set(["moov", "mdat", "wide", "free", "skip", "pnot"]);
/** @type {Record<string, string>} */
const RIFF = { "AVI ": VIDEO, WAVE: SOUND };
/** @type {Record<string, string>} */
const BRANDS = { "crx ": RAW, "jxl ": JPEG_XL, "M4A ": SOUND, "M4B ": SOUND };
const [DNG_VERSION, SUBFILE, SUB_IFDS] = [50706, 254, 330];

/**
 * @param {Uint8Array} head the start of a file of no accepted kind
 * @returns {string | null} a noun with its article ("a PDF"); null for bytes that are nothing known
 */
export function nameForeign(head) {
  const start = latin1(head, 0, 4096);
  if (start.startsWith("PK\x03\x04") && start.includes("[Content_Types].xml")) return OFFICE;
  const known = STARTS.find(([signature]) => start.startsWith(signature));
  if (known) return known[1];
  const [second, third] = [start.slice(4, 8), start.slice(8, 12)];
  if (start.startsWith("RIFF") && third in RIFF) return RIFF[third];
  if (second === "ftyp") return BRANDS[third] ?? VIDEO;
  if (QUICKTIME.has(second)) return VIDEO;
  return nameText(head.subarray(0, 4096));
}

/**
 * For a head that begins as TIFF: raw files borrow its structure, and their first picture is a
 * thumbnail.
 * @param {Uint8Array} head
 */
export function isCameraRaw(head) {
  if (latin1(head, 8, 10) === "CR") return true;
  const tags = readTags(head);
  return tags.has(DNG_VERSION) || (((tags.get(SUBFILE) ?? 0) & 1) === 1 && tags.has(SUB_IFDS));
}

/** @param {Uint8Array} part */
function nameText(part) {
  const text = readText(part);
  if (text === null) return null;
  const start = text.trimStart().toLowerCase();
  if (start.startsWith("%pdf-")) return _("a PDF");
  if (!start.startsWith("<")) return _("a text file");
  if (start.includes("<svg")) return _("an SVG drawing");
  if (start.includes("<html") || start.includes("<!doctype html")) return _("a web page");
  return _("an XML file");
}

/**
 * The bytes as text, without its byte-order mark; null when they are not text.
 * @param {Uint8Array} part
 */
function readText(part) {
  const mark = latin1(part, 0, 2);
  const encoding = { "\xff\xfe": "utf-16le", "\xfe\xff": "utf-16be" }[mark] ?? "utf-8";
  try {
    // `stream` lets the last letter be cut in two.
    const text = new TextDecoder(encoding, { fatal: true }).decode(part, { stream: true });
    // eslint-disable-next-line no-control-regex
    return text === "" || /[\0-\x08\x0b\x0e-\x1f]/.test(text) ? null : text;
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}
