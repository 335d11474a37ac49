import assert from "node:assert/strict";
import test from "node:test";
import { Pace } from "../../static/js/pure/pace.js";

const step = (request, share) => {
  if (request.left > 0) Object.assign(request, { left: request.left - share });
  else Object.assign(request, { wait: request.wait - 1 });
};

/**
 * A line and a server: each request takes `latency` ms after its bytes, and all together move
 * `rate` bytes a ms, a quarter of it once there are `chokesAt` of them.
 */
function run(pace, { files, bytes, latency, rate, chokesAt = Infinity, refusesAbove = Infinity }) {
  let now = 0;
  let left = files;
  const widths = [];
  let active = [];
  const end = ({ began, refused }, busy) => {
    if (refused) pace.refused({ began, ended: now });
    else pace.answered({ bytes, ended: now, busy });
    left += Number(refused);
  };
  while (left > 0 || active.length) {
    while (left > 0 && active.length < pace.width) {
      left -= 1;
      const refused = active.length >= refusesAbove;
      active.push({ began: now, left: refused ? 0 : bytes, wait: refused ? 1 : latency, refused });
    }
    widths.push(pace.width);
    now += 1;
    const busy = active.length;
    const share = rate / busy / (busy >= chokesAt ? 4 : 1);
    for (const request of active) step(request, share);
    for (const request of active.filter(({ wait }) => wait <= 0)) end(request, busy);
    active = active.filter(({ wait }) => wait > 0);
  }
  return { ms: now, late: widths.slice(Math.floor(widths.length / 2)) };
}

const mean = (numbers) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;

test("small files on a far server go as many at once as there may be", () => {
  const { late, ms } = run(new Pace(), { files: 300, bytes: 20_000, latency: 200, rate: 5000 });
  assert.ok(mean(late) > 4.5, `${mean(late)}`);
  const narrow = new Pace({ most: 1, start: 1 });
  assert.ok(ms * 3 < run(narrow, { files: 300, bytes: 20_000, latency: 200, rate: 5000 }).ms);
});

test("a line that is full is not filled further", () => {
  const { late } = run(new Pace(), { files: 100, bytes: 3_000_000, latency: 5, rate: 1000 });
  assert.ok(mean(late) < 4, `${mean(late)}`);
});

test("where more at once move less, it goes back", () => {
  const pace = new Pace();
  const { late } = run(pace, { files: 200, bytes: 500_000, latency: 50, rate: 2000, chokesAt: 4 });
  assert.ok(mean(late) < 3.6, `${mean(late)}`);
  assert.ok(mean(late) > 1.9, `${mean(late)}`);
});

test("refusals halve it, down to one, and once for one trouble", () => {
  const pace = new Pace({ start: 5 });
  for (let number = 0; number < 5; number += 1) pace.refused({ began: 0, ended: 100 + number });
  assert.equal(pace.width, 3);
  pace.refused({ began: 200, ended: 300 });
  assert.equal(pace.width, 2);
  pace.refused({ began: 400, ended: 500 });
  assert.equal(pace.width, 1);
  pace.refused({ began: 600, ended: 700 });
  assert.equal(pace.width, 1);
});

test("a server that takes two at once is soon asked for two, and everything arrives", () => {
  const limits = { files: 150, bytes: 50_000, latency: 60, rate: 4000, refusesAbove: 2 };
  const { late } = run(new Pace({ start: 5 }), limits);
  assert.ok(mean(late) < 3.2, `${mean(late)}`);
  assert.ok(mean(late) >= 1.4, `${mean(late)}`);
});

test("after a refusal it grows again", () => {
  const pace = new Pace({ start: 4 });
  pace.refused({ began: 0, ended: 10 });
  assert.equal(pace.width, 2);
  run(pace, { files: 100, bytes: 20_000, latency: 200, rate: 5000 });
  assert.equal(pace.width, 5);
});

test("a file by itself teaches nothing", () => {
  const pace = new Pace();
  for (let at = 0; at < 50; at += 1) {
    pace.answered({ bytes: 1000, ended: at * 100, busy: 1 });
  }
  assert.equal(pace.width, 2);
});
