/** What fingers, pens and mice do on a stage: one drags or draws, two move and pinch, a wheel zooms. */

/** Pixels of a wheel that count as one step. */
const WHEEL_STEP = 100;
/** A line of a wheel that counts in lines. */
const LINE = 33;

/** @typedef {{x: number, y: number}} Point of the stage, in CSS pixels */
/** @typedef {{move: (at: Point) => void, end: (broken: boolean) => void}} Drag */

/**
 * @param {HTMLElement} stage
 * @param {object} acts
 * @param {(at: Point, event: PointerEvent) => Drag | null | undefined} acts.take what a press begins:
 *   null moves the picture, undefined leaves it to the browser
 * @param {(dx: number, dy: number) => void} acts.pan
 * @param {(factor: number, at: Point) => void} acts.pinch
 * @param {(steps: number, at: Point) => boolean} acts.wheel whether it was of use
 */
export function followPointers(stage, { take, pan, pinch, wheel }) {
  /** @type {Map<number, Point>} */
  const fingers = new Map();
  /** @type {Drag | null} */
  let drag = null;
  stage.addEventListener("pointerdown", (event) => {
    if (event.button > 1 || fingers.size === 2) return;
    const at = pointOf(stage, event);
    const taken = fingers.size ? null : take(at, event);
    if (taken === undefined) return;
    drag?.end(true);
    drag = taken;
    fingers.set(event.pointerId, at);
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    const before = [...fingers.values()];
    const last = fingers.get(event.pointerId);
    if (!last) return;
    const at = pointOf(stage, event);
    fingers.set(event.pointerId, at);
    if (drag) drag.move(at);
    else if (fingers.size === 1) pan(at.x - last.x, at.y - last.y);
    else spreadFingers(before, [...fingers.values()], { pan, pinch });
  });
  const lift = (/** @type {PointerEvent} */ event) => {
    if (!fingers.delete(event.pointerId)) return;
    drag?.end(event.type === "pointercancel");
    drag = null;
  };
  for (const name of ["pointerup", "pointercancel"]) {
    stage.addEventListener(name, /** @type {EventListener} */ (lift));
  }
  const turn = (/** @type {WheelEvent} */ event) => {
    const pixels = event.deltaMode ? event.deltaY * LINE : event.deltaY;
    if (wheel(-pixels / WHEEL_STEP, pointOf(stage, event))) event.preventDefault();
  };
  stage.addEventListener("wheel", turn, { passive: false });
}

/** @param {Element} stage @param {MouseEvent} event @returns {Point} */
export function pointOf(stage, event) {
  const { left, top } = stage.getBoundingClientRect();
  return { x: event.clientX - left, y: event.clientY - top };
}

/**
 * @param {Point[]} before
 * @param {Point[]} after
 * @param {{pan: (dx: number, dy: number) => void, pinch: (factor: number, at: Point) => void}} acts
 */
function spreadFingers(before, after, { pan, pinch }) {
  const [was, is] = [before, after].map(([one, other]) => ({
    x: (one.x + other.x) / 2,
    y: (one.y + other.y) / 2,
    apart: Math.hypot(one.x - other.x, one.y - other.y),
  }));
  pan(is.x - was.x, is.y - was.y);
  if (was.apart > 0) pinch(is.apart / was.apart, is);
}
