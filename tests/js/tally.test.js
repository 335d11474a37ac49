import assert from "node:assert/strict";
import test from "node:test";
import {
  Tally,
  nameCancel,
  nameProgress,
  nameRetry,
  nameUnsent,
} from "../../static/js/pure/tally.js";

const say = (tally) => nameProgress(tally.read());

test("it counts photos and bytes", () => {
  const tally = new Tally();
  const [a, b, c] = [{}, {}, {}];
  tally.add(a, 100);
  tally.add(b, 200);
  tally.add(c, 100);
  assert.equal(say(tally), "0 of 3 photos sent");
  tally.advance(b, 0.5);
  assert.deepEqual(tally.open, [a, b, c]);
  assert.equal(tally.read().part, 0.25);
  tally.settle(b, "sent");
  assert.equal(tally.read().part, 0.5);
  tally.settle(a, "failed");
  assert.deepEqual(tally.open, [c]);
  assert.equal(say(tally), "1 of 3 photos sent, 1 failed");
  tally.settle(c, "sent");
  assert.equal(say(tally), "2 of 3 photos sent, 1 failed");
  assert.deepEqual(tally.read(), { total: 3, open: 0, sent: 2, failed: 1, refused: 0, part: 1 });
});

test("the end is told in whole sentences", () => {
  const tally = new Tally();
  const [a, b] = [{}, {}];
  tally.add(a, 1);
  tally.settle(a, "sent");
  assert.equal(say(tally), "1 photo is sent");
  tally.add(a, 1);
  tally.add(b, 1);
  tally.settle(a, "sent");
  tally.settle(b, "sent");
  assert.equal(say(tally), "All 2 photos are sent");
});

test("what was tried again is open again, and what failed stays beside the next photos", () => {
  const tally = new Tally();
  const [a, b, c, d] = [{}, {}, {}, {}];
  tally.add(a, 10);
  tally.add(b, 10);
  tally.add(c, 10);
  tally.settle(a, "sent");
  tally.settle(b, "failed");
  tally.settle(c, "refused");
  tally.add(d, 10);
  assert.equal(say(tally), "0 of 2 photos sent, 1 failed");
  tally.settle(b, "open");
  assert.equal(say(tally), "0 of 2 photos sent");
  tally.settle(b, "sent");
  tally.settle(d, "sent");
  assert.equal(say(tally), "All 2 photos are sent");
  assert.equal(tally.read().part, 1);
});

test("what is held back is not counted, what was sent stays counted", () => {
  const tally = new Tally();
  const [a, b, c] = [{}, {}, {}];
  for (const key of [a, b, c]) tally.add(key, 10);
  tally.advance(a, 0.5);
  tally.remove(a);
  tally.settle(b, "sent");
  tally.remove(b);
  assert.deepEqual(tally.read(), { total: 2, open: 1, sent: 1, failed: 0, refused: 0, part: 0.5 });
  tally.remove(c);
  tally.remove(c);
  tally.settle(c, "sent");
  assert.equal(say(tally), "1 photo is sent");
});

test("a photo that is sent once more is counted once", () => {
  const tally = new Tally();
  const [a, b] = [{}, {}];
  tally.add(a, 10);
  tally.add(b, 10);
  tally.settle(a, "sent");
  tally.add(a, 10);
  assert.equal(say(tally), "0 of 2 photos sent");
  assert.equal(tally.read().part, 0);
});

test("empty files are counted without bytes", () => {
  const tally = new Tally();
  tally.add({}, 0);
  assert.equal(tally.read().part, 0);
});

test("buttons and warnings say what they are about", () => {
  assert.equal(nameRetry(1), "Try the failed one again");
  assert.equal(nameRetry(2), "Try the 2 failed again");
  assert.deepEqual(nameCancel(1), { title: "Do not send 1 photo?", act: "Do not send 1 photo" });
  assert.equal(nameUnsent(["a.jpg"]), "a.jpg is not sent yet. Closing this page leaves it unsent.");
  assert.equal(
    nameUnsent(["a", "b", "c", "d", "e"]),
    "a, b, c and 2 more are not sent yet. Closing this page leaves them unsent.",
  );
});
