import assert from "node:assert/strict";
import test from "node:test";
import {
  dayKey,
  nameDate,
  nameDay,
  nameDeadline,
  nameLeft,
  nameMoment,
  untilChange,
} from "../../static/js/pure/countdown.js";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

test("what is left is rounded down and never promises longer than the truth", () => {
  const words = [
    [24 * HOUR, "Erased in 24 h"],
    [24 * HOUR - 1, "Erased in 23 h 59 min"],
    [3 * HOUR + 12 * MINUTE + 59 * SECOND, "Erased in 3 h 12 min"],
    [HOUR, "Erased in 1 h"],
    [HOUR - 1, "Erased in 59 min"],
    [4 * MINUTE + 59 * SECOND, "Erased in 4 min"],
    [MINUTE - 1, "Erased in 59 s"],
    [40 * SECOND + 1, "Erased in 40 s"],
    [1, "Erased in 1 s"],
    [0, "Erased"],
    [-HOUR, "Erased"],
  ];
  for (const [left, expected] of words) assert.equal(nameLeft(left), expected);
});

test("the next look comes just when the words change, not before and not a step late", () => {
  // The last second keeps its words to the end.
  for (let left = 2 * SECOND; left < 26 * HOUR; left = Math.ceil(left * 1.37)) {
    const pause = untilChange(left);
    assert.equal(nameLeft(left - pause + 1), nameLeft(left), `${left}`);
    assert.notEqual(nameLeft(left - pause), nameLeft(left), `${left}`);
  }
  assert.equal(nameLeft(SECOND - untilChange(SECOND - 1)), "Erased");
  assert.equal(untilChange(0), Infinity);
});

test("days are the reader's days", () => {
  const now = new Date("2026-03-03T23:30:00Z");
  const moment = new Date("2026-03-04T00:30:00Z");
  assert.equal(nameDay(moment, now, "UTC"), "tomorrow");
  assert.equal(nameDay(moment, now, "America/New_York"), "today");
  assert.equal(dayKey(moment, "Pacific/Auckland"), "2026-03-04");
  assert.equal(nameDay(new Date("2026-03-02T12:00:00Z"), now, "UTC"), "yesterday");
  assert.equal(nameDay(new Date("2026-03-09T12:00:00Z"), now, "UTC"), "9 March");
  assert.equal(nameDate(now, "UTC"), "3 March");
});

test("a day of 23 hours does not make the day after tomorrow tomorrow", () => {
  const eve = new Date("2026-03-28T22:30:00Z");
  const after = new Date("2026-03-29T22:30:00Z");
  assert.equal(nameDay(after, eve, "Europe/Berlin"), "30 March");
});

test("moments and deadlines in words", () => {
  const now = new Date("2026-03-03T10:00:00Z");
  const later = new Date("2026-03-03T14:05:00Z");
  const tomorrow = new Date("2026-03-04T09:12:00Z");
  const far = new Date("2026-03-09T00:00:00Z");
  assert.equal(nameMoment(later, now, "UTC"), "today at 14:05");
  assert.equal(nameMoment(tomorrow, now, "UTC"), "tomorrow at 09:12");
  assert.equal(nameMoment(far, now, "UTC"), "9 March at 00:00");
  assert.equal(nameDeadline(tomorrow, now, "UTC"), "09:12 tomorrow");
  assert.equal(nameDeadline(far, now, "UTC"), "00:00 on 9 March");
});
