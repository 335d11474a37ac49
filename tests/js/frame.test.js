import assert from "node:assert/strict";
import test from "node:test";
import { findFrame, findSubject } from "../../static/js/pure/frame.js";

const picture = { width: 100, height: 80 };
const subject = { left: 20, top: 10, right: 60, bottom: 50 };
const all = { left: 0, top: 0, right: 100, bottom: 80 };

test("the subject is what can be seen", () => {
  const alpha = new Uint8Array(20);
  assert.equal(findSubject(alpha, 5, 4), null);
  alpha[6] = 8;
  alpha[13] = 255;
  alpha[19] = 7;
  assert.deepEqual(findSubject(alpha, 5, 4), { left: 1, top: 1, right: 4, bottom: 3 });
});

test("without a crop and a canvas all of the picture is shown", () => {
  assert.deepEqual(findFrame(picture, subject, { margin: null }), all);
});

test("a crop shows the subject and its margins, even beyond the picture", () => {
  const frame = findFrame(picture, subject, { margin: 50 });
  assert.deepEqual(frame, { left: 0, top: -10, right: 80, bottom: 70 });
});

test("on a canvas the subject takes its share, in the middle", () => {
  const frame = findFrame(picture, subject, { margin: null, canvas: "200x100", scale: "80%" });
  assert.deepEqual(frame, { left: -10, top: 5, right: 90, bottom: 55 });
});

test("a position moves the room beside the subject", () => {
  const options = { margin: null, canvas: "100x100", scale: "50%", position: "50% 100%" };
  assert.deepEqual(findFrame(picture, subject, options), {
    left: 0,
    top: -30,
    right: 80,
    bottom: 50,
  });
});

test("a canvas of other proportions has room on two sides", () => {
  const frame = findFrame(picture, subject, { margin: null, canvas: "100x100" });
  assert.deepEqual(frame, { left: 0, top: -10, right: 100, bottom: 90 });
});
