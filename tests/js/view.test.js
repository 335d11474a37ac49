import assert from "node:assert/strict";
import test from "node:test";
import { MOST_ZOOM, centre, fit, pan, toShares, zoomAt } from "../../static/js/pure/view.js";

const stage = { width: 400, height: 300 };
const picture = { width: 1000, height: 500 };

test("fitted, all of the picture is in the middle of the stage", () => {
  const view = fit(stage, picture, 50);
  assert.equal(view.zoom, 0.3);
  assert.deepEqual([view.x, view.y], [50, 75]);
});

test("zooming keeps what is under the pointer there", () => {
  const view = centre(stage, picture, 0.3);
  const at = { x: 120, y: 90 };
  assert.deepEqual(
    toShares(zoomAt(view, 2, at), at, picture).map((share) => share.toFixed(9)),
    toShares(view, at, picture).map((share) => share.toFixed(9)),
  );
});

test("zooming ends at eight hundred per cent", () => {
  assert.equal(zoomAt({ zoom: 7, x: 0, y: 0 }, 10, { x: 0, y: 0 }).zoom, MOST_ZOOM);
});

test("the picture cannot be lost beside the stage", () => {
  const view = pan(centre(stage, picture, 1), 9999, -9999, stage, picture);
  assert.ok(view.x < stage.width && view.y + picture.height > 0);
});
