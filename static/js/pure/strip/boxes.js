/**
 * AVIF and HEIC, in place: nothing moves, because other boxes name their data by place. EXIF is
 * overwritten by a block that says nothing, XMP by an empty packet, thumbnails and boxes beside the
 * picture by zeros; films and makers' boxes behind it are cut off. Pictures that belong to it stay:
 * tiles, transparency, depth, gain maps. The turn is a property of its own and stays too.
 */
import { latin1 } from "../kinds.js";
import { UPRIGHT, readExif, readXmp, writeTurn } from "./exif.js";
import { readItems } from "./items.js";
import { Lost, countParts, viewOf } from "./pieces.js";

const NEEDED = new Set(["ftyp", "meta", "moov", "mdat"]);
const SAYS = new Set(["udta", "meta", "uuid", "free", "skip"]);
const OUTER = new Set(["moov", "trak"]);
const EMPTY_PACKET = '<x:xmpmeta xmlns:x="adobe:ns:meta/"/>';

/**
 * @typedef {{from: number, to: number, bytes: Uint8Array}} Patch
 * @param {Uint8Array} bytes
 * @returns {import("./pieces.js").Stripped}
 */
export function stripBoxes(bytes) {
  /** @type {Patch[]} */
  const patches = [];
  const top = readBoxes(bytes, 0, bytes.length);
  const meta = top.find(({ name }) => name === "meta");
  if (!meta && !top.some(({ name }) => name === "moov")) throw new Lost("no picture");
  let located = meta ? wipeItems(bytes, meta, patches) : false;
  const end = top.filter(({ name }) => NEEDED.has(name)).at(-1)?.to ?? bytes.length;
  for (const box of top) {
    if (box.to <= end && !NEEDED.has(box.name)) patches.push(...blank(box));
    if (OUTER.has(box.name)) located = wipeInside(bytes, box, patches) || located;
  }
  return { pieces: apply(patches, end), located };
}

/** @typedef {import("./pieces.js").Box} Box */

/** @param {Uint8Array} bytes @param {number} from @param {number} end @returns {Box[]} */
export function readBoxes(bytes, from, end) {
  const view = viewOf(bytes);
  const count = countParts();
  const boxes = [];
  for (let at = from; at + 8 <= end;) {
    count();
    let [length, body] = [view.getUint32(at), at + 8];
    if (length === 1) [length, body] = [Number(view.getBigUint64(body)), body + 8];
    const to = length === 0 ? end : Math.min(at + length, end);
    if (to < body) throw new Lost("a box ends before it starts");
    boxes.push({ name: latin1(bytes, at + 4, at + 8), from: at, body, to });
    at = to;
  }
  return boxes;
}

/**
 * As long as it was, of a kind that everybody passes over. The length of a long box stands behind
 * its name and stays.
 * @param {Box} box
 * @returns {Patch[]}
 */
function blank({ from, body, to }) {
  return [
    { from: from + 4, to: from + 8, bytes: bytesOf("free") },
    { from: body, to, bytes: new Uint8Array(to - body) },
  ];
}

/** @param {Uint8Array} bytes @param {Box} outer @param {Patch[]} patches @returns {boolean} */
function wipeInside(bytes, outer, patches) {
  let located = false;
  for (const box of readBoxes(bytes, outer.body, outer.to)) {
    if (OUTER.has(box.name)) located = wipeInside(bytes, box, patches) || located;
    if (!SAYS.has(box.name)) continue;
    located ||= latin1(bytes, box.body, Math.min(box.to, box.body + 4096)).includes("\xa9xyz");
    patches.push(...blank(box));
  }
  return located;
}

/** @param {Uint8Array} bytes @param {Box} meta @param {Patch[]} patches @returns {boolean} */
function wipeItems(bytes, meta, patches) {
  let located = false;
  const inside = readBoxes(bytes, meta.body + 4, meta.to);
  const items = readItems(bytes, inside);
  const kept = items.filter(({ purpose }) => purpose === "picture");
  for (const { purpose, spans } of items) {
    const length = spans.reduce((sum, [from, to]) => sum + to - from, 0);
    if (purpose === "picture" || !length) continue;
    if (kept.some((other) => overlap(other.spans, spans))) throw new Lost("it holds a picture too");
    const said = read(purpose, concat(spans.map(([from, to]) => bytes.subarray(from, to))));
    located ||= said.located;
    spread(silence(purpose, length), spans, patches);
  }
  return located;
}

/** @param {string} purpose @param {Uint8Array} content */
function read(purpose, content) {
  if (purpose === "xmp") return readXmp(content);
  if (purpose !== "exif" || content.length < 12) return { located: false };
  return readExif(content.subarray(4 + viewOf(content).getUint32(0)));
}

/** @param {string} purpose @param {number} length @returns {Uint8Array} */
function silence(purpose, length) {
  const fill = new Uint8Array(length);
  const empty = concat([new Uint8Array(4), writeTurn(UPRIGHT)]);
  if (purpose === "exif" && length >= empty.length) fill.set(empty);
  if (purpose === "xmp") {
    fill.fill(0x20);
    if (length >= EMPTY_PACKET.length) fill.set(bytesOf(EMPTY_PACKET));
  }
  return fill;
}

/**
 * @param {Uint8Array} content
 * @param {import("./pieces.js").Span[]} spans
 * @param {Patch[]} patches
 */
function spread(content, spans, patches) {
  let at = 0;
  for (const [from, to] of spans) {
    patches.push({ from, to, bytes: content.subarray(at, at + to - from) });
    at += to - from;
  }
}

/** @param {import("./pieces.js").Span[]} ones @param {import("./pieces.js").Span[]} others */
function overlap(ones, others) {
  return ones.some(([from, to]) => others.some((other) => from < other[1] && other[0] < to));
}

/** @param {Patch[]} patches @param {number} end */
function apply(patches, end) {
  /** @type {import("./pieces.js").Pieces} */
  const pieces = [];
  let at = 0;
  for (const { from, to, bytes } of patches.sort((one, other) => one.from - other.from)) {
    if (from < at) throw new Lost("two things in one place");
    if (from > at) pieces.push([at, from]);
    pieces.push(bytes);
    at = to;
  }
  if (at < end) pieces.push([at, end]);
  return pieces;
}

/** @param {Uint8Array[]} parts */
function concat(parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** @param {string} text */
function bytesOf(text) {
  return Uint8Array.from(text, (mark) => mark.charCodeAt(0));
}
