import assert from "node:assert/strict";
import test from "node:test";
import { groupByDay } from "../../static/js/pure/days.js";

const entry = (item, iso) => ({ item, moment: new Date(iso) });

test("photos are grouped by the reader's day, newest first", () => {
  const entries = [
    entry("c", "2026-11-21T03:00:00Z"),
    entry("b", "2026-11-20T23:30:00Z"),
    entry("a", "2026-11-20T10:00:00Z"),
  ];
  const now = new Date("2026-11-21T12:00:00Z");
  const utc = groupByDay(entries, now, "UTC");
  assert.deepEqual(
    utc.map(({ title, items }) => [title, items]),
    [
      ["Today", ["c"]],
      ["Yesterday", ["b", "a"]],
    ],
  );
  const west = groupByDay(entries, now, "America/Los_Angeles");
  assert.deepEqual(
    west.map(({ key, items }) => [key, items]),
    [["2026-11-20", ["c", "b", "a"]]],
  );
});

test("no photos make no days", () => {
  assert.deepEqual(groupByDay([], new Date()), []);
});
