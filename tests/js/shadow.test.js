import assert from "node:assert/strict";
import test from "node:test";
import { castShadow } from "../../static/js/pure/shadow.js";

const [width, height] = [100, 80];
const frame = { left: 0, top: 0, right: width, bottom: height };
const subject = { left: 30, top: 20, right: 70, bottom: 60 };
const alpha = new Uint8Array(width * height);
for (let y = subject.top; y < subject.bottom; y += 1) {
  alpha.fill(255, y * width + subject.left, y * width + subject.right);
}
const cutout = { alpha, width, height };
const plain = { kind: "drop", opacity: 50, blur: 0, distance: 25, angle: 0 };

/** @param {import("../../static/js/pure/shadow.js").Layer} layer @param {number} x @param {number} y */
const at = ({ width: wide, dark }, x, y) => dark[y * wide + x];
const near = (/** @type {number} */ is, /** @type {number} */ should, within = 0.02) =>
  assert.ok(Math.abs(is - should) <= within, `${is}, not ${should}`);

test("a shadow on the wall is the silhouette, moved away from the light", () => {
  const layer = castShadow(cutout, frame, subject, plain);
  assert.deepEqual([layer.width, layer.height], [100, 80]);
  near(at(layer, 50, 65), 0.5); // 25 % of 40 pixels further down.
  near(at(layer, 50, 71), 0);
  near(at(layer, 50, 25), 0);
});

test("light from the right casts it to the left, as dark as is asked for", () => {
  const layer = castShadow(cutout, frame, subject, { ...plain, angle: 90, opacity: 80 });
  near(at(layer, 22, 40), 0.8);
  near(at(layer, 65, 40), 0);
});

test("it is soft by its blur, and no darker for it", () => {
  const layer = castShadow(cutout, frame, subject, { ...plain, blur: 10 });
  near(at(layer, 50, 70), 0.25, 0.04); // On the edge of what was sharp.
  assert.ok(Math.max(...layer.dark) <= 0.5);
  assert.ok(at(layer, 50, 76) > 0.01);
});

test("on the ground it is darkest where the subject touches, and fades below", () => {
  const ground = { kind: "contact", opacity: 50, blur: 3, distance: 4, angle: 0 };
  const layer = castShadow(cutout, frame, subject, ground);
  const down = [61, 63, 66, 72].map((y) => at(layer, 50, y));
  assert.ok(down[0] > 0.3, String(down));
  assert.deepEqual(
    [...down].sort((one, other) => other - one),
    down,
  );
  near(at(layer, 50, 30), 0);
  near(at(layer, 5, 61), 0);
});

test("what stands higher than the foot casts next to nothing on the ground", () => {
  const both = alpha.slice();
  for (let y = 10; y < 20; y += 1) both.fill(255, y * width + 80, y * width + 95);
  const wide = { ...subject, right: 95, top: 10 };
  const ground = { kind: "contact", opacity: 50, blur: 1, distance: 4, angle: 0 };
  const layer = castShadow({ ...cutout, alpha: both }, frame, wide, ground);
  assert.ok(at(layer, 88, 21) < 0.01);
  assert.ok(at(layer, 50, 61) > 0.3);
});

test("it falls on what a frame shows beyond the picture, on few pixels", () => {
  const around = { left: -900, top: -720, right: 1000, bottom: 800 };
  const layer = castShadow(cutout, around, subject, { ...plain, distance: 50, angle: 180 });
  assert.deepEqual([layer.width, layer.height], [320, 256]);
  const share = 320 / 1900;
  near(at(layer, Math.round(950 * share), Math.round((720 + 10) * share)), 0.5, 0.1);
});
