import assert from "node:assert/strict";
import test from "node:test";
import { MOST_SCALE, Viewport } from "../../static/js/pure/viewport.js";

function see(picture = [4000, 3000], stage = [800, 600]) {
  const view = new Viewport();
  view.setStage({ width: stage[0], height: stage[1] });
  view.setPicture({ width: picture[0], height: picture[1] });
  return view;
}

test("at first the whole picture is in the middle of the stage", () => {
  const wide = see([4000, 1000]);
  assert.deepEqual([wide.scale, wide.x, wide.y, wide.fitting], [0.2, 0, 200, true]);
  const small = see([40, 30]);
  assert.equal(small.scale, 20);
});

test("what is under the pointer stays under it", () => {
  const view = see();
  view.zoomTo(2, { x: 300, y: 200 });
  const before = view.toPicture({ x: 500, y: 100 });
  view.zoomTo(5, { x: 500, y: 100 });
  const after = view.toPicture({ x: 500, y: 100 });
  assert.ok(Math.abs(before.x - after.x) < 1e-9);
  assert.ok(Math.abs(before.y - after.y) < 1e-9);
});

test("it ends at 800 % and where the whole picture is seen", () => {
  const view = see();
  view.zoomBy(100);
  assert.equal(view.scale, MOST_SCALE);
  assert.equal(view.fitting, false);
  view.zoomBy(-100);
  assert.deepEqual([view.scale, view.fitting], [0.2, true]);
  const tiny = see([10, 10], [600, 600]);
  tiny.zoomBy(100);
  assert.equal(tiny.scale, 60);
});

test("no gap opens beside a picture that is larger than the stage", () => {
  const view = see();
  view.zoomTo(1);
  view.panBy(99_999, 99_999);
  assert.deepEqual([view.x, view.y], [0, 0]);
  view.panBy(-99_999, -99_999);
  assert.deepEqual([view.x, view.y], [800 - 4000, 600 - 3000]);
});

test("another stage keeps the middle, or the whole, in view", () => {
  const view = see();
  view.setStage({ width: 400, height: 300 });
  assert.equal(view.scale, 0.1);
  view.zoomTo(2);
  const middle = view.toPicture({ x: 200, y: 150 });
  view.setStage({ width: 1000, height: 700 });
  assert.deepEqual(view.toPicture({ x: 500, y: 350 }), middle);
  assert.equal(view.scale, 2);
});

test("a part that is out of view comes into it by the shortest way", () => {
  const view = see();
  view.zoomTo(1);
  view.panBy(9999, 9999);
  view.reveal({ x: 900, y: 10, width: 50, height: 50 });
  assert.deepEqual([view.x, view.y], [800 - 950, 0]);
  view.reveal({ x: 10, y: 10, width: 5, height: 5 });
  assert.equal(view.x, -10);
});

test("a stage or picture without a size breaks nothing", () => {
  const view = see([0, 0], [0, 0]);
  view.zoomBy(3);
  assert.ok(Number.isFinite(view.scale) && Number.isFinite(view.x));
});
