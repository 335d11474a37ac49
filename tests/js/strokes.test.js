import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import {
  copy,
  findCover,
  findDabs,
  findWorkingSize,
  lay,
  makeLayer,
  putBack,
  show,
  sortColours,
} from "../../static/js/pure/strokes.js";

const source = new URL("../vectors/strokes.json", import.meta.url);
const cases = JSON.parse(readFileSync(source, "utf8"));
const engine = new URL("../../processing/engine/strokes.py", import.meta.url);

function bytes(text) {
  return Uint8Array.from(Buffer.from(text, "base64"));
}

function toRgba(rgb) {
  return Uint8Array.from({ length: (rgb.length / 3) * 4 }, (_, at) =>
    at % 4 === 3 ? 255 : rgb[Math.floor(at / 4) * 3 + (at % 4)],
  );
}

function paint(layer, stroke, kinds) {
  lay(layer, findCover(stroke, layer, kinds), stroke.tool === "restore");
}

test("the browser paints what the server saves, value for value", () => {
  assert.ok(cases.length >= 20);
  for (const [number, one] of cases.entries()) {
    const mask = bytes(one.mask);
    const kinds = sortColours(toRgba(bytes(one.photo)));
    const layer = makeLayer(one.width, one.height);
    for (const stroke of one.strokes) paint(layer, stroke, kinds);
    const painted = mask.map((value, at) => show(value, layer.factor[at], layer.added[at]));
    assert.deepEqual([...painted], [...bytes(one.painted)], `case ${number}`);
  }
});

test("the cases tell smart strokes from plain ones", () => {
  const differ = cases.filter((one) => {
    const kinds = sortColours(toRgba(bytes(one.photo)));
    const [smart, plain] = [true, false].map((on) => {
      const layer = makeLayer(one.width, one.height);
      for (const stroke of one.strokes) paint(layer, { ...stroke, smart: on }, kinds);
      return layer.factor.join();
    });
    return smart !== plain;
  });
  assert.ok(differ.length > cases.length / 2);
});

test("a stroke that is being painted looks as it will when it is done", () => {
  assert.equal(show(200, 255, 0, 255, false), 0);
  assert.equal(show(0, 255, 0, 255, true), 255);
  assert.equal(show(200, 255, 0, 0, true), 200);
  assert.equal(show(255, 255, 255), 255);
});

test("stamps are never further apart than a sixth of the radius", () => {
  const stroke = {
    size: 0.1,
    points: [
      [0.1, 0.1],
      [0.9, 0.9],
    ],
  };
  const dabs = findDabs(stroke, 1000, 1000);
  for (const [at, dab] of dabs.entries()) {
    if (at) assert.ok(Math.hypot(dab.x - dabs[at - 1].x, dab.y - dabs[at - 1].y) < 10);
  }
});

test("a large photo is worked on at the server's size", () => {
  const side = Number(/^WORK_SIDE = (\d+)$/m.exec(readFileSync(engine, "utf8"))[1]);
  assert.deepEqual(findWorkingSize(4000, 3000), { width: side, height: 1536 });
  assert.deepEqual(findWorkingSize(640, 480), { width: 640, height: 480 });
});

test("a stroke that is taken back leaves nothing", () => {
  const [one] = cases;
  const kinds = sortColours(toRgba(bytes(one.photo)));
  const layer = makeLayer(one.width, one.height);
  paint(layer, one.strokes[0], kinds);
  const before = [layer.factor.join(), layer.added.join()];
  const stroke = { tool: "erase", size: 0.3, hardness: 0.5, smart: false, points: [[0.9, 0.9]] };
  const covered = findCover(stroke, layer, kinds);
  const kept = copy(layer, covered.box);
  lay(layer, covered, false);
  assert.notEqual(layer.factor.join(), before[0]);
  putBack(layer, kept);
  assert.deepEqual([layer.factor.join(), layer.added.join()], before);
});
