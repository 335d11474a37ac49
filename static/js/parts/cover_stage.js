/** The stage on which a photo is covered: it shows photo and covers, and makes covers of gestures. */
import { moveBox, snapBox } from "../pure/covering.js";
import { SQUARES_FROM, Viewport } from "../pure/viewport.js";
import { paintCovers } from "./cover_photo.js";
import { followPointers } from "./pointers.js";
import { _, fill as fillIn } from "../pure/words.js";

/** Of the photo's longer side: what an arrow key moves, and a first rectangle's side. */
const [KEY_STEP, FIRST_SIDE] = [1 / 100, 1 / 5];
/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * @typedef {Box} Box
 * @typedef {import("../pure/covering.js").Cover} Cover
 * @typedef {import("./cover_photo.js").Photo} Photo
 * @typedef {import("./pointers.js").Point} Point
 * @typedef {{tool: "rectangle" | "brush", fill: "black" | "pixelate", size: number}} Tool `size` of
 *   the brush, in the photo's pixels
 * @typedef {object} Ports
 * @property {() => Cover[]} drawn
 * @property {() => Tool} tool
 * @property {(cover: Cover) => void} add
 * @property {(sentence: string) => void} tell
 */

export class CoverStage {
  #view = new Viewport();
  /** @type {Cover | null} what a gesture has not finished yet */
  #begun = null;
  /** @type {Box | null} what the keys move */
  #held = null;
  #panning = false;
  #frame = 0;
  #watcher = new ResizeObserver(() => this.#resize());

  /** @param {HTMLCanvasElement} canvas @param {Photo} photo @param {Ports} ports */
  constructor(canvas, photo, ports) {
    this.canvas = canvas;
    this.photo = photo;
    this.ports = ports;
    this.#view.setPicture(photo);
    this.#resize();
    this.#watcher.observe(canvas);
    this.#listen();
  }

  #listen() {
    followPointers(this.canvas, {
      take: (at, event) => this.#take(at, event),
      pan: (dx, dy) => this.#see((view) => view.panBy(dx, dy)),
      pinch: (factor, at) => this.#see((view) => view.zoomTo(view.scale * factor, at)),
      wheel: (steps, at) => {
        this.zoom(steps, at);
        return true;
      },
    });
    this.canvas.addEventListener("keydown", (event) => {
      if (this.#press(event)) event.preventDefault();
    });
    this.canvas.addEventListener("keyup", ({ key }) => {
      if (key === " ") this.#panning = false;
    });
    this.canvas.addEventListener("blur", () => (this.#panning = false));
  }

  redraw() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      const unfinished = this.#begun ?? (this.#held && coverOf(this.#held, this.ports.tool()));
      const covers = this.ports.drawn();
      const shown = unfinished ? [...covers, unfinished] : covers;
      draw(this.canvas, this.photo, this.#view, { covers: shown, held: this.#held });
    });
  }

  /** @param {number} steps @param {Point} [at] */
  zoom(steps, at) {
    this.#see((view) => view.zoomBy(steps, at));
  }

  fit() {
    this.#see((view) => view.fit());
  }

  /** Lets go of what the keys move. @returns {boolean} whether there was anything */
  drop() {
    const had = this.#held !== null;
    this.#held = null;
    this.redraw();
    return had;
  }

  close() {
    this.#watcher.disconnect();
    cancelAnimationFrame(this.#frame);
    this.canvas.width = this.canvas.height = 0;
  }

  /** @param {(view: Viewport) => void} change */
  #see(change) {
    change(this.#view);
    this.redraw();
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    this.canvas.width = width * devicePixelRatio;
    this.canvas.height = height * devicePixelRatio;
    this.#see((view) => view.setStage({ width, height }));
  }

  /** @param {Point} at @param {PointerEvent} event */
  #take(at, event) {
    this.drop();
    if (this.#panning || event.button === 1) return null;
    const gesture = beginCover(this.#view.toPicture(at), this.ports.tool(), this.photo);
    const draft = (/** @type {Cover | null} */ cover) => {
      this.#begun = cover;
      this.redraw();
    };
    return {
      move: (/** @type {Point} */ to) => draft(gesture.extend(this.#view.toPicture(to))),
      end: (/** @type {boolean} */ broken) => {
        const made = this.#begun ?? gesture.dot;
        draft(null);
        if (made && !broken) this.ports.add(made);
      },
    };
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether the key means something */
  #press(event) {
    const arrow = ARROWS[event.key];
    const tool = this.ports.tool();
    if (event.key === " ") this.#panning = true;
    else if (event.key === "Enter" && this.#held) {
      this.ports.add(coverOf(this.#held, tool));
      this.#held = null;
    } else if (arrow && !event.ctrlKey && !event.metaKey) {
      this.#held = moveByKey(this.#held ?? firstBox(this.photo, tool), arrow, {
        event,
        tool,
        photo: this.photo,
      });
      this.#view.reveal(this.#held);
      this.ports.tell(describe(this.#held, this.photo));
    } else return false;
    this.redraw();
    return true;
  }
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Photo} photo
 * @param {Viewport} view
 * @param {{covers: Cover[], held: Box | null}} shown
 */
function draw(canvas, photo, view, { covers, held }) {
  const context = canvas.getContext("2d");
  if (!context) return;
  const ratio = devicePixelRatio;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  const scale = view.scale * ratio;
  context.setTransform(scale, 0, 0, scale, view.x * ratio, view.y * ratio);
  context.beginPath();
  context.rect(0, 0, photo.width, photo.height);
  context.clip();
  context.imageSmoothingEnabled = view.scale < SQUARES_FROM;
  drawPhoto(context, photo, view, scale);
  paintCovers(context, photo, covers);
  if (held) frameBox(context, held, scale);
}

/**
 * Seen as a whole a small drawing does, and near by the part in view: either is quick.
 * @param {CanvasRenderingContext2D} context
 * @param {Photo} photo
 * @param {Viewport} view
 * @param {number} scale device pixels for one of the photo
 */
function drawPhoto(context, { full, overview, width, height }, view, scale) {
  if (scale <= overview.width / width) {
    context.drawImage(overview, 0, 0, width, height);
    return;
  }
  const { x, y } = view.toPicture({ x: 0, y: 0 });
  const [left, top] = [Math.max(0, Math.floor(x)), Math.max(0, Math.floor(y))];
  const right = Math.min(width, Math.ceil(x + view.stage.width / view.scale) + 1);
  const bottom = Math.min(height, Math.ceil(y + view.stage.height / view.scale) + 1);
  if (right <= left || bottom <= top) return;
  const part = /** @type {const} */ ([left, top, right - left, bottom - top]);
  context.drawImage(full, ...part, ...part);
}

/**
 * A line that is seen on light and on dark.
 * @param {CanvasRenderingContext2D} context
 * @param {Box} box
 * @param {number} scale
 */
function frameBox(context, { x, y, width, height }, scale) {
  for (const [colour, thick] of /** @type {Array<[string, number]>} */ ([
    ["#fff", 4],
    ["#4947c5", 2],
  ])) {
    context.strokeStyle = colour;
    context.lineWidth = thick / scale;
    context.strokeRect(x, y, width, height);
  }
}

/** @param {{x: number, y: number}} start @param {Tool} tool @param {Photo} photo */
function beginCover(start, { tool, fill, size }, photo) {
  if (tool === "rectangle") {
    return {
      dot: null,
      extend: (/** @type {{x: number, y: number}} */ to) => {
        const box = snapBox(start, to, photo);
        return /** @type {Cover | null} */ (box && { shape: "rectangle", fill, box });
      },
    };
  }
  /** @type {Cover} */
  const stroke = { shape: "stroke", fill, width: size, points: [start.x, start.y] };
  return {
    dot: stroke,
    extend: (/** @type {{x: number, y: number}} */ to) => {
      stroke.points.push(to.x, to.y);
      return /** @type {Cover} */ (stroke);
    },
  };
}

/** @param {Box} box @param {Tool} tool @returns {Cover} */
function coverOf(box, { tool, fill, size }) {
  if (tool === "rectangle") return { shape: "rectangle", fill, box };
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  return { shape: "stroke", fill, width: size, points: [x, y] };
}

/** In the middle of the photo. @param {Photo} photo @param {Tool} tool */
function firstBox({ width, height }, { tool, size }) {
  const wanted = tool === "brush" ? size : Math.max(width, height) * FIRST_SIDE;
  const [across, down] = [
    Math.min(width, Math.round(wanted)),
    Math.min(height, Math.round(wanted)),
  ];
  return {
    x: Math.round((width - across) / 2),
    y: Math.round((height - down) / 2),
    width: across,
    height: down,
  };
}

/**
 * With Shift a rectangle grows and shrinks; with Alt everything goes by single pixels.
 * @param {Box} box
 * @param {[number, number]} arrow
 * @param {{event: KeyboardEvent, tool: Tool, photo: Photo}} how
 */
function moveByKey(box, [right, down], { event, tool, photo }) {
  const longer = Math.max(photo.width, photo.height);
  const step = event.altKey ? 1 : Math.max(1, Math.round(longer * KEY_STEP));
  const [dx, dy] = [right * step, down * step];
  const grows = event.shiftKey && tool.tool === "rectangle";
  return moveBox(box, grows ? { wider: dx, higher: dy } : { dx, dy }, photo);
}

/** @param {Box} box @param {Photo} photo */
function describe({ x, y, width, height }, photo) {
  const part = (/** @type {number} */ length, /** @type {number} */ whole) =>
    `${Math.round((length / whole) * 100)} %`;
  return fillIn(
    _(
      "%(width)s wide, %(height)s high, %(left)s from the left, %(top)s from the top. Enter covers it.",
    ),
    {
      width: part(width, photo.width),
      height: part(height, photo.height),
      left: part(x, photo.width),
      top: part(y, photo.height),
    },
  );
}
