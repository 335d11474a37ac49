/**
 * What the blocks that travel beside a photo's pixels say: which way up it is, and where it was
 * taken. EXIF 3.0, XMP (ISO 16684-1), IPTC IIM 4.2.
 */
import { latin1 } from "../kinds.js";

export const UPRIGHT = 1;

const ORIENTATION = 274;
const GPS = 34853;
/** Latitude and longitude, of the camera and of what it looked at. */
const PLACES = new Set([2, 4, 20, 22]);
/** A camera's directory has dozens of entries; more are a trap. */
const MOST_ENTRIES = 4096;

const TURN_IN_XMP = /tiff:Orientation(?:=["']|>)([1-8])/;
const PLACE_IN_XMP =
  /exif:GPSL(?:at|ong)itude|GPSCoordinates|photoshop:(?:City|State|Country)|Iptc4xmpCore:Location|LocationCreated/;
/** City, sublocation, state, code and name of the country. */
const PLACES_IN_IPTC = new Set([90, 92, 95, 100, 101]);

/**
 * @param {Uint8Array} block from "II" or "MM" on, with or without "Exif\0\0" before it
 * @returns {{turn: number | null, located: boolean}} `turn` is null where nothing is said of it
 */
export function readExif(block) {
  const tiff = latin1(block, 0, 4) === "Exif" ? block.subarray(6) : block;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  try {
    const little = view.getUint8(0) === 0x49;
    const first = readEntries(view, view.getUint32(4, little), little);
    const turn = first.get(ORIENTATION)?.short ?? null;
    const gps = first.get(GPS);
    const located = gps !== undefined && tellsPlace(view, gps.long, little);
    return { turn: turn && turn <= 8 ? turn : null, located };
  } catch (error) {
    if (error instanceof RangeError) return { turn: null, located: false };
    throw error;
  }
}

/** @param {DataView} view @param {number} at @param {boolean} little */
function tellsPlace(view, at, little) {
  return [...readEntries(view, at, little).keys()].some((tag) => PLACES.has(tag));
}

/**
 * The entries of a directory that lie within the block: tag → its first value, read both ways.
 * @param {DataView} view
 * @param {number} at
 * @param {boolean} little
 */
function readEntries(view, at, little) {
  /** @type {Map<number, {short: number, long: number}>} */
  const entries = new Map();
  const count = Math.min(view.getUint16(at, little), MOST_ENTRIES);
  for (let place = at + 2; place < at + 2 + count * 12; place += 12) {
    if (place + 12 > view.byteLength) break;
    entries.set(view.getUint16(place, little), {
      short: view.getUint16(place + 8, little),
      long: view.getUint32(place + 8, little),
    });
  }
  return entries;
}

/** @param {Uint8Array} packet @returns {{turn: number | null, located: boolean}} */
export function readXmp(packet) {
  const text = new TextDecoder("latin1").decode(packet);
  const turn = TURN_IN_XMP.exec(text);
  return { turn: turn ? Number(turn[1]) : null, located: PLACE_IN_XMP.test(text) };
}

/**
 * Whether a block of Photoshop resources holds IPTC data sets that name a place.
 * @param {Uint8Array} block
 */
function namesPlace(block) {
  const at = latin1(block, 0, Math.min(block.length, 4096)).indexOf("8BIM\x04\x04");
  if (at < 0) return false;
  const name = block[at + 6] + 1;
  let place = at + 6 + name + (name & 1) + 4;
  while (place + 5 <= block.length && block[place] === 0x1c) {
    const [, record, set, high, low] = block.subarray(place, place + 5);
    if (record === 2 && PLACES_IN_IPTC.has(set)) return true;
    place += 5 + (high << 8) + low;
  }
  return false;
}

/** What has been heard of one photo, block by block. */
export class Said {
  located = false;
  /** @type {number | null} null without EXIF; EXIF that says nothing of it says: upright */
  exifTurn = null;
  /** @type {number | null} */
  xmpTurn = null;

  /** @param {Uint8Array} block */
  hearExif(block) {
    const { turn, located } = readExif(block);
    this.exifTurn ??= turn ?? UPRIGHT;
    this.located ||= located;
  }

  /** @param {Uint8Array} packet */
  hearXmp(packet) {
    const { turn, located } = readXmp(packet);
    this.xmpTurn = turn ?? this.xmpTurn;
    this.located ||= located;
  }

  /** @param {Uint8Array} block */
  hearIptc(block) {
    this.located ||= namesPlace(block);
  }
}

/**
 * A block that says which way up the photo is, and nothing else.
 * @param {number} turn 1 to 8
 */
export function writeTurn(turn) {
  const tiff = new Uint8Array(26);
  tiff.set([0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 18, 0, 3, 0, 0, 0, 1, 0, turn]);
  return tiff;
}
