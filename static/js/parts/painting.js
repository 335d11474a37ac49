/** Painting with a brush: by pointer, finger or keys, with undo and redo. */
import { MOST_POINTS, MOST_STROKES, settle } from "../pure/strokes.js";

/** @typedef {import("../pure/strokes.js").Stroke} Stroke */

/** Share of the photo's longer side, from the slider's 1 to 100: finer where it is small. */
export function sizeOf(/** @type {number} */ slider) {
  return settle(0.002 + 0.3 * (slider / 100) ** 2);
}

export class Painting {
  /**
   * @param {import("./sheet.js").Sheet} sheet @param {import("./stage.js").Stage} stage
   * @param {HTMLElement} cursor
   * @param {() => {tool: string, size: number, hardness: number, smart: boolean}} readBrush
   * @param {(why: "stroke" | "undo" | "redo" | "full") => void} onChange
   */
  constructor(sheet, stage, cursor, readBrush, onChange) {
    this.sheet = sheet;
    this.stage = stage;
    this.cursor = cursor;
    this.readBrush = readBrush;
    this.onChange = onChange;
    /** @type {Stroke[]} */
    this.strokes = [];
    /** @type {Stroke[]} */
    this.undone = [];
    /** @type {Stroke | null} */
    this.wet = null;
    this.at = [0.5, 0.5];
    this.drawing = 0;
  }

  /** @param {Stroke[]} strokes as they are saved */
  start(strokes) {
    [this.strokes, this.undone, this.wet] = [[...strokes], [], null];
    this.sheet.replace(this.strokes);
  }

  /** The brush is put down. @param {number[]} at in shares of the picture */
  put(at) {
    const { tool, size, hardness, smart } = this.readBrush();
    if (tool === "pan") return;
    if (this.isFull()) {
      this.onChange("full");
      return;
    }
    const points = [within(at)];
    this.wet = { tool: tool === "restore" ? "restore" : "erase", size, hardness, smart, points };
    this.cursor.toggleAttribute("data-down", true);
    this.draw();
  }

  /** @param {number[]} at */
  moveTo(at) {
    this.at = at;
    if (this.wet) {
      const point = within(at);
      const last = /** @type {number[]} */ (this.wet.points.at(-1));
      if (point[0] !== last[0] || point[1] !== last[1]) this.wet.points.push(point);
      this.draw();
    }
    this.showCursor();
  }

  /** The brush is lifted: the stroke is there. */
  lift() {
    if (!this.wet) return;
    const stroke = this.wet;
    this.letGo();
    this.sheet.add(stroke);
    this.strokes.push(stroke);
    this.undone = [];
    this.onChange("stroke");
  }

  /** The brush is lifted, and no stroke is made of it. */
  cancel() {
    if (!this.wet) return;
    this.letGo();
    this.sheet.preview(null);
  }

  undo() {
    this.cancel();
    const last = this.strokes.pop();
    if (!last) return;
    this.undone.push(last);
    this.sheet.takeBack();
    this.onChange("undo");
  }

  redo() {
    const next = this.undone.pop();
    if (!next) return;
    this.strokes.push(next);
    this.sheet.add(next);
    this.onChange("redo");
  }

  isFull() {
    const points = this.strokes.reduce((sum, stroke) => sum + stroke.points.length, 0);
    return this.strokes.length >= MOST_STROKES || points >= MOST_POINTS - 500;
  }

  letGo() {
    this.wet = null;
    cancelAnimationFrame(this.drawing);
    this.drawing = 0;
    this.cursor.toggleAttribute("data-down", false);
  }

  /** Once a frame, however many points come. */
  draw() {
    if (this.drawing) return;
    this.drawing = requestAnimationFrame(() => {
      this.drawing = 0;
      if (this.wet) this.sheet.preview(this.wet);
    });
  }

  showCursor() {
    const { tool, size } = this.readBrush();
    const { width, height } = this.stage.picture;
    const across = Math.max(4, size * Math.max(width, height) * this.stage.view.zoom);
    const { x, y } = this.stage.toStage(this.at);
    this.cursor.hidden = tool === "pan";
    this.cursor.style.inlineSize = `${across}px`;
    this.cursor.style.blockSize = `${across}px`;
    this.cursor.style.transform = `translate(${x - across / 2}px, ${y - across / 2}px)`;
  }
}

/** @param {number[]} at */
function within([x, y]) {
  return [settle(Math.min(1, Math.max(0, x))), settle(Math.min(1, Math.max(0, y)))];
}
