import assert from "node:assert/strict";
import { test } from "node:test";
import {
  nameDownloads,
  nameLinkLeft,
  OFTEN,
  pauseBefore,
  readStatus,
  SELDOM,
} from "../../static/js/pure/linkend.js";

const HOUR = 3_600_000;

test("what is left is rounded down", () => {
  assert.equal(nameLinkLeft(6 * HOUR), "This link ends in 6 h");
  assert.equal(nameLinkLeft(HOUR + 59_999), "This link ends in 1 h");
  assert.equal(nameLinkLeft(1999), "This link ends in 1 s");
  assert.equal(nameLinkLeft(0), "This link has ended");
  assert.equal(nameLinkLeft(-5), "This link has ended");
});

test("a page asks often, and right at the end", () => {
  assert.equal(pauseBefore(HOUR, 0), OFTEN);
  assert.equal(pauseBefore(1500, 0), 1500);
  assert.equal(pauseBefore(-1, 0), 0);
});

test("without answers it asks ever more rarely, but never later than the end", () => {
  const pauses = [0, 1, 2, 3, 4, 30].map((failures) => pauseBefore(HOUR, failures));
  assert.deepEqual(pauses, [4000, 8000, 16_000, SELDOM, SELDOM, SELDOM]);
  assert.equal(pauseBefore(900, 30), 900);
});

test("only an answer that says so ends a page", () => {
  assert.equal(readStatus(200), "open");
  assert.equal(readStatus(410), "gone");
  assert.equal(readStatus(401), "locked");
  for (const status of [0, 404, 429, 500, 502, 503]) assert.equal(readStatus(status), "unknown");
});

test("downloads are counted in words", () => {
  assert.equal(nameDownloads(1), "1 download left");
  assert.equal(nameDownloads(0), "0 downloads left");
});
