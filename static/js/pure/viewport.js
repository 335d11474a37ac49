/**
 * A picture seen through a stage: how large it is drawn and where. Lengths are CSS pixels of the
 * stage; `scale` is how many of them a pixel of the picture takes.
 */

/** As far as one can zoom: 800 %. */
export const MOST_SCALE = 8;
/** Beyond it the picture's own pixels are shown as squares. */
export const SQUARES_FROM = 4;
const STEP = 1.25;

export class Viewport {
  picture = { width: 1, height: 1 };
  stage = { width: 1, height: 1 };
  scale = 1;
  x = 0;
  y = 0;
  /** Whole in view, and kept so when the stage changes. */
  fitting = true;

  /** @param {{width: number, height: number}} size */
  setPicture({ width, height }) {
    this.picture = { width: Math.max(1, width), height: Math.max(1, height) };
    this.fit();
  }

  /** What was in the middle stays there. @param {{width: number, height: number}} size */
  setStage({ width, height }) {
    const before = this.stage;
    this.stage = { width: Math.max(1, width), height: Math.max(1, height) };
    if (this.fitting) {
      this.fit();
      return;
    }
    this.x += (this.stage.width - before.width) / 2;
    this.y += (this.stage.height - before.height) / 2;
    this.zoomTo(this.scale);
  }

  /** The scale at which the whole picture is seen. */
  get least() {
    const { width, height } = this.picture;
    return Math.min(this.stage.width / width, this.stage.height / height);
  }

  /** A tiny picture fills the stage at more than 800 %. */
  get most() {
    return Math.max(MOST_SCALE, this.least);
  }

  fit() {
    this.scale = this.least;
    this.fitting = true;
    this.#settle();
  }

  /**
   * @param {number} scale
   * @param {{x: number, y: number}} [at] the point of the stage whose picture stays under it
   */
  zoomTo(scale, at = { x: this.stage.width / 2, y: this.stage.height / 2 }) {
    const next = Math.min(this.most, Math.max(this.least, scale));
    const factor = next / this.scale;
    this.x = at.x - (at.x - this.x) * factor;
    this.y = at.y - (at.y - this.y) * factor;
    this.scale = next;
    this.fitting = next <= this.least * 1.0001;
    this.#settle();
  }

  /**
   * @param {number} steps above 0 nearer, below 0 farther
   * @param {{x: number, y: number}} [at]
   */
  zoomBy(steps, at) {
    this.zoomTo(this.scale * STEP ** steps, at);
  }

  /** @param {number} dx @param {number} dy */
  panBy(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.#settle();
  }

  /** The point of the picture under a point of the stage. @param {{x: number, y: number}} at */
  toPicture({ x, y }) {
    return { x: (x - this.x) / this.scale, y: (y - this.y) / this.scale };
  }

  /** Brings a part of the picture into view. @param {import("./covering.js").Box} box */
  reveal({ x, y, width, height }) {
    const [left, top] = [this.x + x * this.scale, this.y + y * this.scale];
    const [right, bottom] = [left + width * this.scale, top + height * this.scale];
    const dx = left < 0 ? -left : Math.min(0, this.stage.width - right);
    const dy = top < 0 ? -top : Math.min(0, this.stage.height - bottom);
    this.panBy(dx, dy);
  }

  /** What is smaller than the stage is in its middle; what is larger leaves no gap. */
  #settle() {
    const { width, height } = this.picture;
    this.x = place(this.x, width * this.scale, this.stage.width);
    this.y = place(this.y, height * this.scale, this.stage.height);
  }
}

/** @param {number} start @param {number} length @param {number} room */
function place(start, length, room) {
  if (length <= room) return (room - length) / 2;
  return Math.min(0, Math.max(room - length, start));
}
