/** Where an arrow key leads in a grid of cards whose rows can be of different lengths. */

/** Cards of one row begin at the same height, but for a rounding of the layout. */
const SAME = 4;

/**
 * @param {Array<{left: number, top: number}>} boxes in the order of the page
 * @param {number} index of the box that is left
 * @param {string} key as in KeyboardEvent.key
 * @returns {number} the index of the next one; the same where there is none
 */
export function step(boxes, index, key) {
  const last = boxes.length - 1;
  switch (key) {
    case "ArrowLeft":
      return Math.max(0, index - 1);
    case "ArrowRight":
      return Math.min(last, index + 1);
    case "ArrowUp":
      return upOrDown(boxes, index, -1);
    case "ArrowDown":
      return upOrDown(boxes, index, 1);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return index;
  }
}

/**
 * The nearest one of the row above or below; from the outermost row the first or the last.
 * @param {Array<{left: number, top: number}>} boxes
 * @param {number} index
 * @param {1 | -1} way
 */
function upOrDown(boxes, index, way) {
  const from = boxes[index];
  let row = null;
  let best = way > 0 ? boxes.length - 1 : 0;
  let distance = Infinity;
  for (let next = index + way; boxes[next]; next += way) {
    const { left, top } = boxes[next];
    if (Math.abs(top - from.top) <= SAME) continue;
    row ??= top;
    if (Math.abs(top - row) > SAME) break;
    const off = Math.abs(left - from.left);
    if (off < distance) [best, distance] = [next, off];
  }
  return best;
}
