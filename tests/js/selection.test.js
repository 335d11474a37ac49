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
