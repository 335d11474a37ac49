import assert from "node:assert/strict";
import test from "node:test";
import { Selection } from "../../static/js/pure/selection.js";

const make = () => new Selection(["a", "b", "c", "d", "e"]);
const list = (selection) => [...selection.chosen].sort().join("");

test("one by one", () => {
  const selection = make();
  selection.set("b", true);
  selection.set("d", true);
  selection.set("b", false);
  assert.equal(list(selection), "d");
  assert.equal(selection.size, 1);
});

test("a range runs from the last one touched, in either direction", () => {
  const selection = make();
  selection.set("d", true);
  selection.extend("b", true);
  assert.equal(list(selection), "bcd");
  selection.extend("c", false);
  assert.equal(list(selection), "d");
});

test("a range without a start is the one alone", () => {
  const selection = make();
  selection.extend("c", true);
  assert.equal(list(selection), "c");
});

test("all and none", () => {
  const selection = make();
  selection.setAll(true);
  assert.ok(selection.isWhole);
  selection.setAll(false);
  assert.equal(selection.size, 0);
  selection.extend("b", true);
  assert.equal(list(selection), "b");
});

test("what is gone is no longer chosen and starts no range", () => {
  const selection = make();
  selection.set("b", true);
  selection.remove("b");
  assert.equal(selection.size, 0);
  selection.extend("d", true);
  assert.equal(list(selection), "d");
  assert.ok(!new Selection([]).isWhole);
});

test("a range that is drawn grows and shrinks, and what was chosen before stays", () => {
  const selection = make();
  selection.set("e", true);
  selection.reach("b", "c");
  selection.reach("c", "d");
  assert.equal(list(selection), "bcde");
  selection.reach("d", "c");
  assert.equal(list(selection), "bce");
  selection.reach("c", "b");
  selection.reach("b", "a");
  assert.equal(list(selection), "abe");
  selection.set("a", false);
  assert.equal(list(selection), "be");
  selection.reach("d", "d");
  assert.equal(list(selection), "bde");
});

test("more come at the end, and a range runs across", () => {
  const selection = make();
  selection.setAll(true);
  selection.append(["f", "g"]);
  assert.equal(selection.isWhole, false);
  assert.equal(list(selection), "abcde");
  selection.setAll(false);
  selection.set("d", true);
  selection.extend("g", true);
  assert.equal(list(selection), "defg");
});

test("what is taken away is chosen no more, by no range", () => {
  const selection = make();
  selection.reach("a", "c");
  selection.remove("b");
  assert.equal(list(selection), "ac");
  selection.extend("a", true);
  assert.equal(list(selection), "ac");
  assert.deepEqual(selection.ids, ["a", "c", "d", "e"]);
});
