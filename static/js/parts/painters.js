/** What a mouse, a pen or fingers do on the stage: paint, move, pinch. */

/**
 * @param {HTMLElement} element
 * @param {import("./stage.js").Stage} stage
 * @param {import("./painting.js").Painting} painting
 * @param {() => boolean} moves whether one pointer moves the picture now
 */
export function listenForPointers(element, stage, painting, moves) {
  /** @type {Map<number, {x: number, y: number}>} */
  const down = new Map();
  let painter = -1;

  element.addEventListener("pointerdown", (event) => {
    if (event.button > 1) return;
    element.focus({ preventScroll: true });
    element.setPointerCapture(event.pointerId);
    down.set(event.pointerId, stage.place(event));
    if (down.size > 1) {
      painting.cancel(); // A second finger: it was meant to be a pinch.
      painter = -1;
    } else if (event.button === 0 && !moves()) {
      painter = event.pointerId;
      painting.moveTo(stage.shares(event));
      painting.put(stage.shares(event));
    }
  });
  element.addEventListener("pointermove", (event) => {
    const before = down.get(event.pointerId);
    if (painter === event.pointerId) {
      const passed = event.getCoalescedEvents?.() ?? [];
      for (const one of passed.length ? passed : [event]) painting.moveTo(stage.shares(one));
    } else if (before) {
      follow(event, before);
    } else if (!down.size) {
      painting.moveTo(stage.shares(event));
    }
    if (before) down.set(event.pointerId, stage.place(event));
  });
  const end = (/** @type {PointerEvent} */ event) => {
    down.delete(event.pointerId);
    if (painter !== event.pointerId) return;
    painter = -1;
    if (event.type === "pointerup") painting.lift();
    else painting.cancel();
  };
  element.addEventListener("pointerup", end);
  element.addEventListener("pointercancel", end);

  /** @param {PointerEvent} event @param {{x: number, y: number}} before */
  function follow(event, before) {
    const now = stage.place(event);
    const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
    if (!other) {
      stage.move(now.x - before.x, now.y - before.y);
      return;
    }
    const grown = distance(now, other) / Math.max(1, distance(before, other));
    stage.zoomBy(grown, { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
    stage.move((now.x - before.x) / 2, (now.y - before.y) / 2);
  }
}

/** @param {{x: number, y: number}} one @param {{x: number, y: number}} other */
function distance(one, other) {
  return Math.hypot(one.x - other.x, one.y - other.y);
}
