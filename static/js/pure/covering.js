/**
 * What is covered on a photo, in its own pixels, before it is sent.
 *
 * Pixelating keeps one colour for each square of a grid over the whole photo; a square's side is at
 * least 1/24 of the photo's longer side, and its colour the average of all its pixels. Whoever knows
 * everything around the covered part learns one rounded average of each square, no more.
 */

/** @typedef {{x: number, y: number, width: number, height: number}} Box */
/** @typedef {"black" | "pixelate"} Fill */
/** @typedef {{shape: "rectangle", fill: Fill, box: Box}} Rectangle */
/** @typedef {{shape: "stroke", fill: Fill, width: number, points: number[]}} Stroke x, y, x, y … */
/** @typedef {Rectangle | Stroke} Cover */

/** Squares along the longer side, at most. */
export const MOST_SQUARES = 24;

/** Covers in the order in which they were drawn, and the way back. */
export class Covers {
  /** @type {Cover[]} */
  drawn = [];
  /** @type {Cover[]} */
  #undone = [];

  /** @param {Cover} cover */
  add(cover) {
    this.drawn.push(cover);
    this.#undone = [];
  }

  undo() {
    const last = this.drawn.pop();
    if (last) this.#undone.push(last);
  }

  redo() {
    const next = this.#undone.pop();
    if (next) this.drawn.push(next);
  }

  get canUndo() {
    return this.drawn.length > 0;
  }

  get canRedo() {
    return this.#undone.length > 0;
  }
}

/**
 * Two corners as the whole pixels that they touch, within the photo; null where they touch none.
 * @param {{x: number, y: number}} one
 * @param {{x: number, y: number}} other
 * @param {{width: number, height: number}} photo
 * @returns {Box | null}
 */
export function snapBox(one, other, photo) {
  const x = Math.max(0, Math.floor(Math.min(one.x, other.x)));
  const y = Math.max(0, Math.floor(Math.min(one.y, other.y)));
  const right = Math.min(photo.width, Math.ceil(Math.max(one.x, other.x)));
  const bottom = Math.min(photo.height, Math.ceil(Math.max(one.y, other.y)));
  return right > x && bottom > y ? { x, y, width: right - x, height: bottom - y } : null;
}

/**
 * A box moved, and made larger or smaller from its right lower corner, within the photo.
 * @param {Box} box
 * @param {{dx?: number, dy?: number, wider?: number, higher?: number}} change
 * @param {{width: number, height: number}} photo
 * @returns {Box}
 */
export function moveBox(box, { dx = 0, dy = 0, wider = 0, higher = 0 }, photo) {
  const width = clamp(box.width + wider, 1, photo.width);
  const height = clamp(box.height + higher, 1, photo.height);
  return {
    x: clamp(box.x + dx, 0, photo.width - width),
    y: clamp(box.y + dy, 0, photo.height - height),
    width,
    height,
  };
}

/** @param {{width: number, height: number}} photo @returns {number} pixels */
export function squareSide({ width, height }) {
  return Math.ceil(Math.max(width, height) / MOST_SQUARES);
}

/**
 * The grid of a photo, one opaque colour a square, from a drawing of it that may be smaller.
 * @param {{data: Uint8ClampedArray, width: number, height: number}} drawing RGBA, not premultiplied
 * @param {{width: number, height: number}} photo
 * @returns {{data: Uint8ClampedArray<ArrayBuffer>, width: number, height: number}}
 */
export function averageSquares(drawing, photo) {
  const side = squareSide(photo);
  const [width, height] = [Math.ceil(photo.width / side), Math.ceil(photo.height / side)];
  const columns = spread(drawing.width, photo.width / side, width);
  const rows = spread(drawing.height, photo.height / side, height);
  const sums = new Float64Array(width * height * 4);
  for (let y = 0, at = 0; y < drawing.height; y += 1) {
    for (let x = 0; x < drawing.width; x += 1, at += 4) {
      const square = (rows[y] * width + columns[x]) * 4;
      const alpha = drawing.data[at + 3];
      for (let channel = 0; channel < 3; channel += 1) {
        sums[square + channel] += drawing.data[at + channel] * alpha;
      }
      sums[square + 3] += alpha;
    }
  }
  const data = new Uint8ClampedArray(sums.length);
  for (let at = 0; at < sums.length; at += 4) {
    for (let channel = 0; channel < 3; channel += 1) {
      // Where nothing is, white; and nothing shines through.
      data[at + channel] = sums[at + 3] ? sums[at + channel] / sums[at + 3] : 255;
    }
    data[at + 3] = 255;
  }
  return { data, width, height };
}

/**
 * The square that each row or column of the drawing belongs to.
 * @param {number} length of the drawing
 * @param {number} squares that the photo has, with the part of the last
 * @param {number} count of whole and broken squares
 */
function spread(length, squares, count) {
  return Uint16Array.from({ length }, (_, place) => {
    return Math.min(count - 1, Math.floor(((place + 0.5) / length) * squares));
  });
}

/**
 * As what a covered photo is sent: what lost nothing before goes on losing nothing.
 * @param {string} kind of the photo that was covered
 * @param {boolean} opaque
 */
export function formatFor(kind, opaque) {
  const lossless = ["png", "gif", "bmp", "tiff"].includes(kind);
  return lossless || !opaque ? "image/png" : "image/jpeg";
}

/** "cup.heic" becomes "cup.jpg". @param {string} name @param {string} mediaType */
export function nameCovered(name, mediaType) {
  const stem = name.replace(/(?<=.)\.[^.]*$/s, "");
  return `${stem || "photo"}.${mediaType === "image/png" ? "png" : "jpg"}`;
}

/** @param {number} value @param {number} least @param {number} most */
function clamp(value, least, most) {
  return Math.min(most, Math.max(least, value));
}
