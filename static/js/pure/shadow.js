/**
 * The shadow that a subject casts: the same arithmetic as processing/engine/shadows.py, on fewer pixels
 * and with boxes for its bells, so that it follows a brush.
 * @typedef {import("./frame.js").Box} Box
 * @typedef {{alpha: ArrayLike<number>, width: number, height: number}} Cutout
 * @typedef {{kind: string, opacity: number, blur: number, distance: number, angle: number}} Shadow
 *   `opacity` from 0 to 100; `blur` and `distance` in per cent of the subject's longer side; `angle` of the
 *   light, in degrees from above
 * @typedef {{width: number, height: number, dark: Float32Array}} Layer `dark` from 0 to 1
 */

const WORKING_SIDE = 320;
/** What is higher above the ground than this share of the subject's height casts next to nothing. */
const FOOT = 0.16;
/** How much of a contact shadow's darkness is the wide, faint part. */
const WIDE_PART = 0.7;
/** Where in a pixel of the small picture the large one is looked at. */
const SPOTS = [
  [0.25, 0.25],
  [0.75, 0.25],
  [0.25, 0.75],
  [0.75, 0.75],
];

/**
 * @param {Cutout} cutout @param {Box} frame what is shown of it, in its pixels
 * @param {Box} subject @param {Shadow} shadow
 * @returns {Layer} over the frame
 */
export function castShadow(cutout, frame, subject, shadow) {
  const [wide, high] = [frame.right - frame.left, frame.bottom - frame.top];
  const factor = Math.min(1, WORKING_SIDE / Math.max(wide, high));
  const width = Math.max(1, Math.round(wide * factor));
  const height = Math.max(1, Math.round(high * factor));
  const shape = { width, height, dark: shrink(cutout, frame, width, height) };
  const tall = (subject.bottom - subject.top) * factor;
  const longer = Math.max((subject.right - subject.left) * factor, tall);
  const turn = (shadow.angle * Math.PI) / 180;
  const away = { across: -Math.sin(turn), down: Math.cos(turn) };
  const bottom = (subject.bottom - frame.top) * factor;
  const layer =
    shadow.kind === "drop"
      ? drop(shape, shadow, longer, away)
      : touchGround(shape, shadow, { longer, bottom, tall }, away.across);
  const share = shadow.opacity / 100;
  return { width, height, dark: layer.map((value) => Math.min(1, Math.max(0, value)) * share) };
}

/** @param {Cutout} cutout @param {Box} frame @param {number} width @param {number} height */
function shrink(cutout, frame, width, height) {
  const dark = new Float32Array(width * height);
  const [across, down] = [(frame.right - frame.left) / width, (frame.bottom - frame.top) / height];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      let sum = 0;
      for (const [right, below] of SPOTS) {
        const at = { x: frame.left + (x + right) * across, y: frame.top + (y + below) * down };
        sum += alphaAt(cutout, Math.floor(at.x), Math.floor(at.y));
      }
      dark[y * width + x] = sum / SPOTS.length / 255;
    }
  }
  return dark;
}

/** @param {Cutout} cutout @param {number} x @param {number} y */
function alphaAt({ alpha, width, height }, x, y) {
  return x < 0 || y < 0 || x >= width || y >= height ? 0 : alpha[y * width + x];
}

/**
 * The silhouette, moved away from the light and blurred.
 * @param {Layer} shape @param {Shadow} shadow @param {number} longer
 * @param {{across: number, down: number}} away
 */
function drop(shape, shadow, longer, away) {
  const far = (shadow.distance / 100) * longer;
  const sigma = (shadow.blur / 100) * longer;
  return blur({ ...shape, dark: move(shape, away.across * far, away.down * far) }, sigma, sigma);
}

/**
 * Each column of the subject darkens the ground beneath its lowest point: a narrow seam where it touches,
 * and a wide faint pool that leans from the light.
 * @param {Layer} shape @param {Shadow} shadow
 * @param {{longer: number, bottom: number, tall: number}} sizes @param {number} lean
 */
function touchGround(shape, shadow, { longer, bottom, tall }, lean) {
  const { width, height } = shape;
  const deep = Math.max((shadow.distance / 100) * longer, 0.7);
  const soft = (shadow.blur / 100) * longer;
  const seam = new Float32Array(width * height);
  const pool = new Float32Array(width * height);
  for (let x = 0; x < width; x += 1) {
    const lowest = findLowest(shape, x);
    if (!lowest) continue;
    const gap = Math.max(bottom - lowest, 0) / Math.max(tall * FOOT, 1);
    const weight = Math.exp(-gap * gap);
    for (let y = 0; y < height; y += 1) {
      const at = y * width + x;
      seam[at] = weight * bell((y - lowest - deep * 0.1) / Math.max(deep * 0.2, 0.5));
      pool[at] = weight * bell((y - lowest - deep * 0.35) / Math.max(deep * 0.45, 0.7));
    }
  }
  const leaning = { width, height, dark: move({ width, height, dark: pool }, lean * deep, 0) };
  const narrow = soften({ width, height, dark: seam }, soft * 0.4, soft * 0.15, 0.5);
  const faint = soften(leaning, soft * 1.7, soft * 0.5, 0.7);
  return narrow.map((value, at) => 1 - (1 - value) * (1 - faint[at] * WIDE_PART));
}

/** The row beneath the lowest solid pixel of a column; 0 where there is none. @param {Layer} shape @param {number} x */
function findLowest({ width, height, dark }, x) {
  for (let y = height; y > 0; y -= 1) if (dark[(y - 1) * width + x] > 0.5) return y;
  return 0;
}

/** @param {number} off in its widths */
function bell(off) {
  return Math.exp(-0.5 * off * off);
}

/** Blurred, and as dark at its darkest as before. @param {Layer} layer @param {number} across @param {number} down @param {number} least */
function soften(layer, across, down, least) {
  const blurred = blur(layer, Math.max(across, least), Math.max(down, least));
  const most = blurred.reduce((found, value) => Math.max(found, value), 1e-6);
  return blurred.map((value) => value / most);
}

/** By a part of a pixel too; what comes from outside is nothing. @param {Layer} layer @param {number} across @param {number} down */
function move({ width, height, dark }, across, down) {
  const moved = new Float32Array(width * height);
  const [left, top] = [Math.floor(-across), Math.floor(-down)];
  const [partX, partY] = [-across - left, -down - top];
  const value = (/** @type {number} */ x, /** @type {number} */ y) =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : dark[y * width + x];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [fromX, fromY] = [x + left, y + top];
      const upper = value(fromX, fromY) * (1 - partX) + value(fromX + 1, fromY) * partX;
      const lower = value(fromX, fromY + 1) * (1 - partX) + value(fromX + 1, fromY + 1) * partX;
      moved[y * width + x] = upper * (1 - partY) + lower * partY;
    }
  }
  return moved;
}

/** Three boxes are nearly a bell of this sigma. @param {Layer} layer @param {number} across @param {number} down */
function blur({ width, height, dark }, across, down) {
  let blurred = dark;
  for (let go = 0; go < 3; go += 1) {
    blurred = box(blurred, { lines: height, length: width, step: 1, stride: width }, across);
    blurred = box(blurred, { lines: width, length: height, step: width, stride: 1 }, down);
  }
  return blurred;
}

/**
 * The mean of what is around each pixel of each line. Beyond the ends all is as at the ends.
 * @param {Float32Array} values
 * @param {{lines: number, length: number, step: number, stride: number}} way
 * @param {number} sigma
 */
function box(values, { lines, length, step, stride }, sigma) {
  const reach = Math.round((Math.sqrt(4 * sigma * sigma + 1) - 1) / 2);
  if (!reach) return values;
  const means = new Float32Array(values.length);
  for (let line = 0; line < lines; line += 1) {
    const value = (/** @type {number} */ at) =>
      values[line * stride + Math.min(length - 1, Math.max(0, at)) * step];
    let sum = 0;
    for (let at = -reach; at <= reach; at += 1) sum += value(at);
    for (let at = 0; at < length; at += 1) {
      means[line * stride + at * step] = sum / (2 * reach + 1);
      sum += value(at + reach + 1) - value(at - reach);
    }
  }
  return means;
}
