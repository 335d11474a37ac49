import assert from "node:assert/strict";
import test from "node:test";
import { step } from "../../static/js/pure/grid.js";

/** Rows of so many boxes, as days of a gallery have them; a day's last row can be short. */
const grid = (...rows) =>
  rows.flatMap((count, row) =>
    Array.from({ length: count }, (_, column) => ({ left: column * 100, top: row * 150 })),
  );
// 0 1 2
// 3
// 4 5 6
const boxes = grid(3, 1, 3);

test("left and right follow the order of the page, across rows", () => {
  assert.equal(step(boxes, 1, "ArrowLeft"), 0);
  assert.equal(step(boxes, 2, "ArrowRight"), 3);
  assert.equal(step(boxes, 3, "ArrowRight"), 4);
  assert.equal(step(boxes, 0, "ArrowLeft"), 0);
  assert.equal(step(boxes, 6, "ArrowRight"), 6);
});

test("up and down lead to the nearest of the row beside", () => {
  assert.equal(step(boxes, 2, "ArrowDown"), 3);
  assert.equal(step(boxes, 3, "ArrowDown"), 4);
  assert.equal(step(boxes, 5, "ArrowUp"), 3);
  assert.equal(step(grid(3, 3), 1, "ArrowDown"), 4);
  assert.equal(step(grid(3, 3), 5, "ArrowUp"), 2);
});

test("past the outermost row it is the first or the last", () => {
  assert.equal(step(boxes, 5, "ArrowDown"), 6);
  assert.equal(step(boxes, 1, "ArrowUp"), 0);
});

test("heights that are off by a rounding are one row", () => {
  const uneven = grid(2, 2).map((box, index) => ({ ...box, top: box.top + (index % 2) * 0.4 }));
  assert.equal(step(uneven, 0, "ArrowDown"), 2);
  assert.equal(step(uneven, 3, "ArrowUp"), 1);
});

test("home and end; any other key leads nowhere", () => {
  assert.equal(step(boxes, 4, "Home"), 0);
  assert.equal(step(boxes, 1, "End"), 6);
  assert.equal(step(boxes, 4, "x"), 4);
  assert.equal(step([{ left: 0, top: 0 }], 0, "ArrowDown"), 0);
});
