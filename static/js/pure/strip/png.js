/**
 * A PNG without what is not needed for its pixels: of its chunks those stay that say what the
 * numbers mean and hold them. Frames of an animation go: the picture itself is in none of them.
 */
import { latin1 } from "../kinds.js";
import { Said, UPRIGHT, writeTurn } from "./exif.js";
import { Lost, countParts, keep, viewOf } from "./pieces.js";

const KEPT = new Set([
  ...["IHDR", "PLTE", "tRNS", "IDAT", "IEND"],
  ...["iCCP", "sRGB", "gAMA", "cHRM", "cICP", "mDCV", "cLLI", "sBIT"],
]);

/**
 * @param {Uint8Array} bytes
 * @returns {import("./pieces.js").Stripped}
 */
export function stripPng(bytes) {
  /** @type {import("./pieces.js").Pieces} */
  const pieces = [[0, 8]];
  const said = new Said();
  let data = false;
  for (const { name, from, to } of chunks(bytes)) {
    const body = bytes.subarray(from + 8, to - 4);
    data ||= name === "IDAT";
    if (KEPT.has(name)) keep(pieces, from, to);
    else if (name === "iTXt") said.hearXmp(body);
    else if (name === "eXIf") {
      said.hearExif(body);
      const turn = said.exifTurn ?? UPRIGHT;
      if (turn !== UPRIGHT) pieces.push(makeChunk("eXIf", writeTurn(turn)));
    }
  }
  if (!data) throw new Lost("no picture");
  return { pieces, located: said.located };
}

/**
 * @param {Uint8Array} bytes
 * @returns {Generator<{name: string, from: number, to: number}>}
 */
function* chunks(bytes) {
  const view = viewOf(bytes);
  const count = countParts();
  let name = "";
  for (let from = 8; from + 8 <= bytes.length && name !== "IEND";) {
    count();
    const to = Math.min(from + 12 + view.getUint32(from), bytes.length);
    name = latin1(bytes, from + 4, from + 8);
    yield { name, from, to };
    from = to;
  }
}

/** @param {string} name @param {Uint8Array} body */
function makeChunk(name, body) {
  const chunk = new Uint8Array(12 + body.length);
  const view = viewOf(chunk);
  view.setUint32(0, body.length);
  for (let mark = 0; mark < 4; mark += 1) chunk[4 + mark] = name.charCodeAt(mark);
  chunk.set(body, 8);
  view.setUint32(8 + body.length, checksum(chunk.subarray(4, 8 + body.length)));
  return chunk;
}

/** CRC-32, bit by bit: it is asked for of some thirty bytes. @param {Uint8Array} bytes */
function checksum(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}
