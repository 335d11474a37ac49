import assert from "node:assert/strict";
import test from "node:test";
import {
  Covers,
  MOST_SQUARES,
  averageSquares,
  formatFor,
  moveBox,
  nameCovered,
  snapBox,
  squareSide,
} from "../../static/js/pure/covering.js";

const PHOTO = { width: 100, height: 60 };
const mark = (x) => ({ shape: "rectangle", fill: "black", box: { x, y: 0, width: 1, height: 1 } });

test("what was drawn is taken back and comes again, in order", () => {
  const covers = new Covers();
  assert.deepEqual([covers.canUndo, covers.canRedo], [false, false]);
  for (const x of [1, 2, 3]) covers.add(mark(x));
  covers.undo();
  covers.undo();
  assert.deepEqual(covers.drawn, [mark(1)]);
  covers.redo();
  assert.deepEqual(covers.drawn, [mark(1), mark(2)]);
  covers.add(mark(9));
  assert.equal(covers.canRedo, false);
  covers.redo();
  assert.deepEqual(covers.drawn, [mark(1), mark(2), mark(9)]);
});

test("taking back nothing is nothing", () => {
  const covers = new Covers();
  covers.undo();
  covers.redo();
  assert.deepEqual(covers.drawn, []);
});

test("a rectangle covers every pixel that it touches, whichever way it was drawn", () => {
  const box = { x: 10, y: 5, width: 11, height: 3 };
  assert.deepEqual(snapBox({ x: 10.9, y: 5.2 }, { x: 20.1, y: 7.9 }, PHOTO), box);
  assert.deepEqual(snapBox({ x: 20.1, y: 7.9 }, { x: 10.9, y: 5.2 }, PHOTO), box);
});

test("a rectangle ends where the photo ends, and outside there is none", () => {
  const all = { x: 0, y: 0, width: 100, height: 60 };
  assert.deepEqual(snapBox({ x: -50, y: -50 }, { x: 500, y: 500 }, PHOTO), all);
  assert.equal(snapBox({ x: -50, y: 0 }, { x: -1, y: 60 }, PHOTO), null);
  assert.equal(snapBox({ x: 5, y: 5 }, { x: 5, y: 5 }, PHOTO), null);
});

test("by keys a rectangle moves and grows within the photo", () => {
  const box = { x: 90, y: 50, width: 10, height: 10 };
  assert.deepEqual(moveBox(box, { dx: 20, dy: -5 }, PHOTO), { ...box, x: 90, y: 45 });
  assert.deepEqual(moveBox(box, { wider: 5 }, PHOTO), { ...box, x: 85, width: 15 });
  const least = moveBox(box, { wider: -99, higher: -99 }, PHOTO);
  assert.deepEqual([least.width, least.height], [1, 1]);
  const most = moveBox(box, { wider: 999, higher: 999 }, PHOTO);
  assert.deepEqual(most, { x: 0, y: 0, width: 100, height: 60 });
});

test("there are never more than 24 squares along a photo", () => {
  for (const [width, height] of [
    [1, 1],
    [24, 7],
    [25, 7],
    [4000, 3000],
    [3000, 8191],
    [16384, 2],
  ]) {
    const side = squareSide({ width, height });
    assert.ok(side >= Math.max(width, height) / MOST_SQUARES);
    assert.ok(Math.ceil(width / side) <= MOST_SQUARES);
    assert.ok(Math.ceil(height / side) <= MOST_SQUARES);
  }
});

function drawing(width, height, colour) {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let at = 0; at < width * height; at += 1) {
    data.set(colour(at % width, Math.floor(at / width)), at * 4);
  }
  return { data, width, height };
}

test("a square has the average of all its pixels", () => {
  // 48 × 48: squares of 2 × 2.
  const grid = averageSquares(
    drawing(48, 48, (x, y) => [(x % 2) * 100, (y % 2) * 200, 40, 255]),
    { width: 48, height: 48 },
  );
  assert.deepEqual([grid.width, grid.height], [24, 24]);
  for (let at = 0; at < grid.data.length; at += 4) {
    assert.deepEqual([...grid.data.subarray(at, at + 4)], [50, 100, 40, 255]);
  }
});

test("two photos with the same averages cannot be told apart", () => {
  const one = drawing(48, 48, (x, y) => [(x + y) % 2 ? 200 : 0, 0, 0, 255]);
  const other = drawing(48, 48, (x, y) => [(x + y) % 2 ? 0 : 200, 0, 0, 255]);
  const photo = { width: 48, height: 48 };
  assert.deepEqual(averageSquares(one, photo), averageSquares(other, photo));
});

test("a smaller drawing of the photo gives the same grid", () => {
  const photo = { width: 4800, height: 2400 };
  const left = averageSquares(
    drawing(480, 240, (x) => [x < 240 ? 10 : 90, 0, 0, 255]),
    photo,
  );
  assert.deepEqual([left.width, left.height], [24, 12]);
  assert.deepEqual([left.data[11 * 4], left.data[12 * 4]], [10, 90]);
});

test("the last squares of a photo that does not come out even are averages of what is there", () => {
  const photo = { width: 50, height: 10 };
  const grid = averageSquares(
    drawing(50, 10, (x) => [x >= 48 ? 200 : 0, 0, 0, 255]),
    photo,
  );
  assert.deepEqual([squareSide(photo), grid.width, grid.height], [3, 17, 4]);
  assert.equal(grid.data[16 * 4], 200);
});

test("nothing shines through a square, however transparent the photo is", () => {
  const grid = averageSquares(
    drawing(24, 24, (x) => [80, 0, 0, x < 12 ? 0 : 128]),
    { width: 24, height: 24 },
  );
  for (let at = 3; at < grid.data.length; at += 4) assert.equal(grid.data[at], 255);
  assert.deepEqual([...grid.data.subarray(0, 3)], [255, 255, 255]);
  assert.deepEqual([...grid.data.subarray(23 * 4, 23 * 4 + 3)], [80, 0, 0]);
});

test("what lost nothing loses nothing, and what is transparent stays so", () => {
  for (const kind of ["png", "gif", "bmp", "tiff"]) {
    assert.equal(formatFor(kind, true), "image/png");
  }
  for (const kind of ["jpeg", "webp", "avif", "heic"]) {
    assert.equal(formatFor(kind, true), "image/jpeg");
    assert.equal(formatFor(kind, false), "image/png");
  }
});

test("a covered photo is named after what it has become", () => {
  assert.equal(nameCovered("cup.heic", "image/jpeg"), "cup.jpg");
  assert.equal(nameCovered("cup.of.tea.png", "image/png"), "cup.of.tea.png");
  assert.equal(nameCovered("cup", "image/png"), "cup.png");
  assert.equal(nameCovered(".hidden", "image/jpeg"), ".hidden.jpg");
  assert.equal(nameCovered("", "image/jpeg"), "photo.jpg");
});
