/**
 * What strokes of a brush do to a mask, in the same whole numbers as processing/engine/strokes.py and
 * brush.py: what is seen while one paints is what is saved. tests/vectors/strokes.json holds both to it.
 *
 * A stroke multiplies the mask by what it leaves and, where it restores, adds what it covers. So any
 * number of strokes comes to a factor and a sum for each pixel.
 *
 * @typedef {{tool: "erase" | "restore", size: number, hardness: number, smart: boolean, points: number[][]}} Stroke
 * @typedef {{left: number, top: number, right: number, bottom: number}} Box
 * @typedef {{width: number, height: number, factor: Uint8Array, added: Uint8Array}} Layer
 */

export const WORK_SIDE = 2048;
export const MOST_STROKES = 200;
export const MOST_POINTS = 20_000;
export const SMALLEST = 0.001;
export const LARGEST = 0.5;

/** @param {number} width @param {number} height */
export function findWorkingSize(width, height) {
  const longer = Math.max(width, height);
  if (longer <= WORK_SIDE) return { width, height };
  const shrink = (/** @type {number} */ side) =>
    Math.max(1, Math.floor((2 * side * WORK_SIDE + longer) / (2 * longer)));
  return { width: shrink(width), height: shrink(height) };
}

/** Five decimals, as they are saved. @param {number} value */
export function settle(value) {
  return Math.round(value * 1e5) / 1e5;
}

/** @param {number} size @param {number} width @param {number} height */
export function findRadius(size, width, height) {
  return Math.max(1, Math.ceil((size * Math.max(width, height)) / 2));
}

/** How far two stamps are apart. @param {number} radius */
export function findStep(radius) {
  return Math.max(1, Math.floor(radius / 6));
}

/**
 * How much the brush covers, 0 to 255, at each squared distance from its middle.
 * @param {Stroke} stroke @param {number} width @param {number} height
 */
export function makeStamp({ size, hardness }, width, height) {
  const radius = Math.max(0.5, (size * Math.max(width, height)) / 2);
  const soft = Math.max(1, radius * (1 - hardness));
  const reach = findRadius(size, width, height);
  const table = new Uint8Array(2 * reach * reach + 1);
  for (let square = 0; square < table.length; square += 1) {
    const share = (radius + 0.5 - Math.sqrt(square)) / soft;
    table[square] = Math.floor(Math.min(1, Math.max(0, share)) * 255 + 0.5);
  }
  return table;
}

/**
 * The pixels on which the brush is stamped, along the stroke.
 * @param {Stroke} stroke @param {number} width @param {number} height
 */
export function findDabs(stroke, width, height) {
  const step = findStep(findRadius(stroke.size, width, height));
  /** @type {Array<{x: number, y: number}>} */
  const dabs = [];
  /** @type {number[] | null} */
  let last = null;
  for (const point of stroke.points) {
    const [x, y] = [point[0] * width, point[1] * height];
    const [fromX, fromY] = last ?? [x, y];
    const [across, down] = [x - fromX, y - fromY];
    const number = Math.max(1, Math.ceil(Math.sqrt(across * across + down * down) / step));
    for (let at = 1; at <= number; at += 1) {
      const dab = {
        x: clamp(Math.floor(fromX + (across * at) / number), width),
        y: clamp(Math.floor(fromY + (down * at) / number), height),
      };
      const before = dabs.at(-1);
      if (before?.x !== dab.x || before.y !== dab.y) dabs.push(dab);
    }
    last = [x, y];
  }
  return dabs;
}

/** Nothing painted yet. @param {number} width @param {number} height @returns {Layer} */
export function makeLayer(width, height) {
  const factor = new Uint8Array(width * height).fill(255);
  return { width, height, factor, added: new Uint8Array(width * height) };
}

/**
 * What a stroke covers.
 * @param {Stroke} stroke
 * @param {{width: number, height: number}} size
 * @param {Uint16Array | null} kinds from `sortColours`, for a smart stroke
 * @returns {{box: Box, cover: Uint8Array}}
 */
export function findCover(stroke, { width, height }, kinds) {
  const dabs = findDabs(stroke, width, height);
  const radius = findRadius(stroke.size, width, height);
  const box = surround(dabs, radius, width, height);
  const cover = stampAll(dabs, makeStamp(stroke, width, height), radius, box);
  if (stroke.smart && kinds) keepAlike(cover, kinds, dabs, box, width);
  return { box, cover };
}

/**
 * One more stroke in the layer.
 * @param {Layer} layer
 * @param {{box: Box, cover: Uint8Array}} covered from `findCover`
 * @param {boolean} restores
 */
export function lay(layer, { box, cover }, restores) {
  let at = 0;
  for (let y = box.top; y < box.bottom; y += 1) {
    for (let x = box.left; x < box.right; x += 1, at += 1) {
      const [covers, place] = [cover[at], y * layer.width + x];
      if (!covers) continue;
      layer.factor[place] = multiply(layer.factor[place], 255 - covers);
      layer.added[place] = multiply(layer.added[place], 255 - covers) + (restores ? covers : 0);
    }
  }
}

/**
 * What the layer has in a box, to put it back there.
 * @param {Layer} layer @param {Box} box
 */
export function copy({ width, factor, added }, box) {
  const cut = (/** @type {Uint8Array} */ plane) => {
    const wide = box.right - box.left;
    const part = new Uint8Array(wide * (box.bottom - box.top));
    for (let y = box.top; y < box.bottom; y += 1) {
      const from = y * width + box.left;
      part.set(plane.subarray(from, from + wide), (y - box.top) * wide);
    }
    return part;
  };
  return { box, factor: cut(factor), added: cut(added) };
}

/**
 * Takes a stroke back.
 * @param {Layer} layer @param {ReturnType<typeof copy>} before
 */
export function putBack(layer, { box, factor, added }) {
  const wide = box.right - box.left;
  for (let y = box.top; y < box.bottom; y += 1) {
    const [from, to] = [(y - box.top) * wide, y * layer.width + box.left];
    layer.factor.set(factor.subarray(from, from + wide), to);
    layer.added.set(added.subarray(from, from + wide), to);
  }
}

/**
 * The mask with the layer on it, and a stroke that is still being painted.
 * @param {number} mask @param {number} factor @param {number} added
 * @param {number} covers @param {boolean} restores
 */
export function show(mask, factor, added, covers = 0, restores = false) {
  const left = 255 - covers;
  const sum = multiply(added, left) + (restores ? covers : 0);
  return Math.min(255, multiply(mask, multiply(factor, left)) + sum);
}

/** Each pixel's colour as one of 4,096. @param {Uint8ClampedArray | Uint8Array} rgba */
export function sortColours(rgba) {
  const kinds = new Uint16Array(rgba.length / 4);
  for (let at = 0; at < kinds.length; at += 1) {
    const from = at * 4;
    kinds[at] = ((rgba[from] >> 4) << 8) | ((rgba[from + 1] >> 4) << 4) | (rgba[from + 2] >> 4);
  }
  return kinds;
}

/** Shares of 255, rounded to the nearest. @param {number} one @param {number} other */
function multiply(one, other) {
  const product = one * other + 128;
  return (product + (product >> 8)) >> 8;
}

/** @param {number} place @param {number} size */
function clamp(place, size) {
  return Math.min(Math.max(place, 0), size - 1);
}

/**
 * @param {Array<{x: number, y: number}>} dabs
 * @param {number} radius @param {number} width @param {number} height
 * @returns {Box}
 */
function surround(dabs, radius, width, height) {
  const box = { left: width, top: height, right: 0, bottom: 0 };
  for (const { x, y } of dabs) {
    box.left = Math.min(box.left, Math.max(0, x - radius));
    box.top = Math.min(box.top, Math.max(0, y - radius));
    box.right = Math.max(box.right, Math.min(width, x + radius + 1));
    box.bottom = Math.max(box.bottom, Math.min(height, y + radius + 1));
  }
  return box;
}

/**
 * The most that any stamp covers, so that a slow hand covers no more than a fast one.
 * @param {Array<{x: number, y: number}>} dabs
 * @param {Uint8Array} stamp @param {number} radius @param {Box} box
 */
function stampAll(dabs, stamp, radius, box) {
  const wide = box.right - box.left;
  const cover = new Uint8Array(wide * (box.bottom - box.top));
  for (const dab of dabs) {
    const [fromX, toX] = [
      Math.max(box.left, dab.x - radius),
      Math.min(box.right, dab.x + radius + 1),
    ];
    const toY = Math.min(box.bottom, dab.y + radius + 1);
    for (let y = Math.max(box.top, dab.y - radius); y < toY; y += 1) {
      const down = (y - dab.y) * (y - dab.y);
      let at = (y - box.top) * wide + fromX - box.left;
      for (let x = fromX; x < toX; x += 1, at += 1) {
        const covers = stamp[down + (x - dab.x) * (x - dab.x)];
        if (covers > cover[at]) cover[at] = covers;
      }
    }
  }
  return cover;
}

/**
 * Keeps what is similar in colour to a pixel under the stroke's middle and connected to one of them.
 * @param {Uint8Array} cover @param {Uint16Array} kinds
 * @param {Array<{x: number, y: number}>} dabs @param {Box} box @param {number} width of all
 */
function keepAlike(cover, kinds, dabs, box, width) {
  const [wide, high] = [box.right - box.left, box.bottom - box.top];
  const wanted = findWanted(dabs.map(({ x, y }) => kinds[y * width + x]));
  const kept = new Uint8Array(cover.length);
  const open = dabs.map(({ x, y }) => (y - box.top) * wide + x - box.left);
  while (open.length) {
    const at = /** @type {number} */ (open.pop());
    const [x, y] = [at % wide, Math.floor(at / wide)];
    if (kept[at] || !cover[at]) continue;
    if (!wanted[kinds[(y + box.top) * width + x + box.left]]) continue;
    kept[at] = 1;
    if (x > 0) open.push(at - 1);
    if (x < wide - 1) open.push(at + 1);
    if (y > 0) open.push(at - wide);
    if (y < high - 1) open.push(at + wide);
  }
  soften(cover, kept, wide, high);
}

/** The colours that are similar: each channel in the same sixteenth or the next. @param {number[]} seen */
function findWanted(seen) {
  const wanted = new Uint8Array(4096);
  for (const kind of new Set(seen)) {
    for (const red of around(kind >> 8)) {
      for (const green of around((kind >> 4) & 15)) {
        for (const blue of around(kind & 15)) wanted[(red << 8) | (green << 4) | blue] = 1;
      }
    }
  }
  return wanted;
}

/** @param {number} level */
function around(level) {
  return [level - 1, level, level + 1].filter((one) => one >= 0 && one < 16);
}

/**
 * The edge of what is kept is as soft as three pixels make it.
 * @param {Uint8Array} cover @param {Uint8Array} kept @param {number} wide @param {number} high
 */
function soften(cover, kept, wide, high) {
  const before = cover.slice();
  for (let y = 0, at = 0; y < high; y += 1) {
    for (let x = 0; x < wide; x += 1, at += 1) {
      if (!before[at]) continue;
      let number = 0;
      for (let down = Math.max(0, y - 1); down <= Math.min(high - 1, y + 1); down += 1) {
        for (let across = Math.max(0, x - 1); across <= Math.min(wide - 1, x + 1); across += 1) {
          number += kept[down * wide + across];
        }
      }
      cover[at] = multiply(before[at], Math.floor((number * 510 + 9) / 18));
    }
  }
}
