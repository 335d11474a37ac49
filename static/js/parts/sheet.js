/** The pixels that are edited: the photo, its mask as the model made it, and the strokes on it. */
import {
  copy,
  findCover,
  findWorkingSize,
  lay,
  makeLayer,
  putBack,
  show,
  sortColours,
} from "../pure/strokes.js";
import { fetchPicture } from "./fetching.js";

/** @typedef {import("../pure/strokes.js").Stroke} Stroke */
/** @typedef {import("../pure/strokes.js").Box} Box */

export class Sheet {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.before = false;
    /** @type {ReturnType<typeof copy>[]} */
    this.laid = [];
    /** @type {Box | null} */
    this.wet = null;
  }

  /**
   * @param {{width: number, height: number}} photo its size
   * @param {string} photoUrl @param {string} maskUrl
   */
  async load(photo, photoUrl, maskUrl) {
    const { width, height } = findWorkingSize(photo.width, photo.height);
    [this.width, this.height] = [width, height];
    const [rgba, mask] = await Promise.all(
      [photoUrl, maskUrl].map((url) => loadPixels(url, width, height)),
    );
    this.photo = rgba;
    this.kinds = sortColours(rgba);
    this.mask = new Uint8Array(width * height);
    for (let at = 0; at < this.mask.length; at += 1) this.mask[at] = mask[at * 4];
    this.layer = makeLayer(width, height);
    [this.canvas.width, this.canvas.height] = [width, height];
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    this.paintAll();
  }

  /** One stroke for good. @param {Stroke} stroke */
  add(stroke) {
    const covered = findCover(stroke, this.layer, this.kinds);
    this.laid.push(copy(this.layer, covered.box));
    lay(this.layer, covered, stroke.tool === "restore");
    this.paint(this.join(covered.box));
    this.wet = null;
  }

  /** Takes the last one back. */
  takeBack() {
    const last = this.laid.pop();
    if (!last) return;
    putBack(this.layer, last);
    this.paint(last.box);
  }

  /** @param {Stroke[]} strokes in the place of those that are there */
  replace(strokes) {
    this.layer = makeLayer(this.width, this.height);
    this.laid = [];
    for (const stroke of strokes) {
      const covered = findCover(stroke, this.layer, this.kinds);
      this.laid.push(copy(this.layer, covered.box));
      lay(this.layer, covered, stroke.tool === "restore");
    }
    this.paintAll();
  }

  /** A stroke that is still being painted; null takes it away. @param {Stroke | null} stroke */
  preview(stroke) {
    const covered = stroke && findCover(stroke, this.layer, this.kinds);
    if (covered) this.paint(this.join(covered.box), covered, stroke.tool === "restore");
    else if (this.wet) this.paint(this.wet);
    this.wet = covered?.box ?? null;
  }

  /** The photo as it was sent, or cut out. @param {boolean} on */
  showBefore(on) {
    this.before = on;
    this.paintAll();
  }

  /** How much of each pixel stays. */
  alpha() {
    const { factor, added } = this.layer;
    return this.mask.map((value, at) => show(value, factor[at], added[at]));
  }

  paintAll() {
    this.paint({ left: 0, top: 0, right: this.width, bottom: this.height });
  }

  /**
   * @param {Box} box
   * @param {{box: Box, cover: Uint8Array}} [wet] @param {boolean} [restores]
   */
  paint(box, wet, restores = false) {
    const [wide, high] = [box.right - box.left, box.bottom - box.top];
    if (wide < 1 || high < 1) return;
    const part = this.context.createImageData(wide, high);
    const { factor, added } = this.layer;
    const covers = wet && coverAt(wet);
    for (let y = box.top, to = 0; y < box.bottom; y += 1) {
      for (let x = box.left; x < box.right; x += 1, to += 4) {
        const at = y * this.width + x;
        part.data[to] = this.photo[at * 4];
        part.data[to + 1] = this.photo[at * 4 + 1];
        part.data[to + 2] = this.photo[at * 4 + 2];
        part.data[to + 3] = this.before
          ? 255
          : show(this.mask[at], factor[at], added[at], covers ? covers(x, y) : 0, restores);
      }
    }
    this.context.putImageData(part, box.left, box.top);
  }

  /** With where the wet stroke was before. @param {Box} box @returns {Box} */
  join(box) {
    if (!this.wet) return box;
    return {
      left: Math.min(box.left, this.wet.left),
      top: Math.min(box.top, this.wet.top),
      right: Math.max(box.right, this.wet.right),
      bottom: Math.max(box.bottom, this.wet.bottom),
    };
  }
}

/** @param {{box: Box, cover: Uint8Array}} wet */
function coverAt({ box, cover }) {
  const wide = box.right - box.left;
  return (/** @type {number} */ x, /** @type {number} */ y) => {
    const inside = x >= box.left && x < box.right && y >= box.top && y < box.bottom;
    return inside ? cover[(y - box.top) * wide + x - box.left] : 0;
  };
}

/** @param {string} url @param {number} width @param {number} height */
async function loadPixels(url, width, height) {
  const bitmap = await createImageBitmap(await fetchPicture(url));
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no canvas");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return context.getImageData(0, 0, width, height).data;
}
