/** The photo under the covers: decoded in the browser, drawn, and written anew with what covers it. */
import { averageSquares, formatFor, nameCovered, squareSide } from "../pure/covering.js";
import { _, fill } from "../pure/words.js";

/** Pixels of the longer side of the drawing that is shown while one sees the photo as a whole. */
const OVERVIEW = 2048;
const QUALITY = 0.95;

/** Why a photo cannot be covered here: a sentence for its sender. */
export class NotCovered extends Error {}

/**
 * @typedef {object} Photo
 * @property {ImageBitmap} full the right way up
 * @property {HTMLCanvasElement} overview
 * @property {HTMLCanvasElement} squares one pixel a square
 * @property {boolean} opaque
 * @property {number} width
 * @property {number} height
 */

/** @param {Blob} bytes with its media type @returns {Promise<Photo>} */
export async function openPhoto(bytes) {
  const full = await createImageBitmap(bytes, { imageOrientation: "from-image" }).catch(() => {
    throw new NotCovered(
      _(
        "This browser cannot draw this photo, so nothing on it can be covered here. Save it as JPEG or PNG first.",
      ),
    );
  });
  const { width, height } = full;
  const scale = Math.min(1, OVERVIEW / Math.max(width, height));
  const overview = makeCanvas(width * scale, height * scale);
  const context = contextOf(overview);
  context.imageSmoothingQuality = "high";
  context.drawImage(full, 0, 0, overview.width, overview.height);
  const drawing = context.getImageData(0, 0, overview.width, overview.height);
  const grid = averageSquares(drawing, full);
  const squares = makeCanvas(grid.width, grid.height);
  contextOf(squares).putImageData(new ImageData(grid.data, grid.width, grid.height), 0, 0);
  return { full, overview, squares, opaque: isOpaque(drawing), width, height };
}

/**
 * Draws covers in the photo's own pixels. What is drawn is opaque, and a stroke is one pixel wider
 * to each side, so that its soft edge lies outside of what was to be covered.
 * @param {CanvasRenderingContext2D} context
 * @param {Photo} photo
 * @param {import("../pure/covering.js").Cover[]} covers
 */
export function paintCovers(context, photo, covers) {
  context.save();
  context.imageSmoothingEnabled = false;
  const pattern = /** @type {CanvasPattern} */ (context.createPattern(photo.squares, "repeat"));
  pattern.setTransform(new DOMMatrix().scale(squareSide(photo)));
  for (const cover of covers) {
    const paint = cover.fill === "black" ? "#000" : pattern;
    context.fillStyle = context.strokeStyle = paint;
    if (cover.shape === "rectangle") {
      const { x, y, width, height } = cover.box;
      context.fillRect(x, y, width, height);
    } else strokeThrough(context, cover);
  }
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("../pure/covering.js").Stroke} stroke
 */
function strokeThrough(context, { points, width }) {
  context.lineCap = context.lineJoin = "round";
  context.lineWidth = width + 2;
  context.beginPath();
  context.moveTo(points[0], points[1]);
  // From its first point to itself as well: a touch is a dot.
  for (let at = 0; at < points.length; at += 2) context.lineTo(points[at], points[at + 1]);
  context.stroke();
}

/**
 * The covered photo at its full size. Nothing of what it said of itself is in it: it is made from
 * pixels alone.
 * @param {Photo} photo
 * @param {import("../pure/covering.js").Cover[]} covers
 * @param {{name: string, kind: string, maxBytes: number}} wanted
 * @returns {Promise<File>}
 */
export async function bakePhoto(photo, covers, { name, kind, maxBytes }) {
  const canvas = makeCanvas(photo.width, photo.height);
  const context = contextOf(canvas);
  checkRoom(context, photo);
  context.drawImage(photo.full, 0, 0);
  paintCovers(context, photo, covers);
  const format = formatFor(kind, photo.opaque);
  let blob = await encode(canvas, format);
  // A PNG has no quality to give; as a JPEG nearly every photo has room.
  if (blob.size > maxBytes && photo.opaque) blob = await encode(canvas, "image/jpeg");
  canvas.width = canvas.height = 0; // Its memory goes now, not some time later.
  if (blob.size > maxBytes) {
    const most = Math.round(maxBytes / 1e6);
    const sentence = _("Covered, this photo is larger than %(most)s MB. Cover a smaller copy.");
    throw new NotCovered(fill(sentence, { most }));
  }
  return new File([blob], nameCovered(name, blob.type), { type: blob.type });
}

/**
 * Browsers draw nothing on a canvas that is too large for them, and say nothing of it.
 * @param {CanvasRenderingContext2D} context
 * @param {Photo} photo
 */
function checkRoom(context, { width, height }) {
  context.fillRect(width - 1, height - 1, 1, 1);
  if (context.getImageData(width - 1, height - 1, 1, 1).data[3] !== 255) {
    const size = Math.round((width * height) / 1e6);
    const sentence = _(
      "This browser cannot draw %(size)s megapixels at once. Cover a smaller copy.",
    );
    throw new NotCovered(fill(sentence, { size }));
  }
  context.clearRect(width - 1, height - 1, 1, 1);
}

/** @param {HTMLCanvasElement} canvas @param {string} format @returns {Promise<Blob>} */
function encode(canvas, format) {
  return new Promise((resolve, reject) => {
    const take = (/** @type {Blob | null} */ blob) => {
      if (blob) resolve(blob);
      else reject(new NotCovered(_("This browser cannot write this photo. Cover a smaller copy.")));
    };
    canvas.toBlob(take, format, QUALITY);
  });
}

/** @param {number} width @param {number} height */
function makeCanvas(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width));
  canvas.height = Math.max(1, Math.round(height));
  return canvas;
}

/** In memory, not on the graphics card, whose largest pictures are smaller. @param {HTMLCanvasElement} canvas */
function contextOf(canvas) {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new NotCovered(_("This browser cannot draw a photo of this size."));
  return context;
}

/** @param {ImageData} drawing */
function isOpaque({ data }) {
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) return false;
  return true;
}
