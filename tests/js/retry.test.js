import assert from "node:assert/strict";
import test from "node:test";
import { makeKey } from "../../static/js/pure/keys.js";
import { Refusal, isPassing, isWorthRetrying, pauseBefore } from "../../static/js/pure/retry.js";

const refusal = (status, code = "x") => new Refusal({ status, code, message: "" });

test("what another go can cure is tried again without asking", () => {
  for (const status of [0, 408, 429, 502, 503, 504]) assert.ok(isPassing(refusal(status)), status);
  assert.ok(isPassing(refusal(409, "request_in_progress")));
});

test("what another go cannot cure is not", () => {
  for (const status of [400, 401, 403, 404, 409, 413, 415, 422, 500]) {
    assert.ok(!isPassing(refusal(status)), `${status}`);
  }
  assert.ok(!isPassing(refusal(503, "storage_full")));
  assert.ok(!isPassing(refusal(503, "paused")));
});

test("pauses double up to a limit, and keep to what the server asked for", () => {
  const middle = () => 0.5;
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 20].map((attempt) => pauseBefore(attempt, 0, middle)),
    [500, 1000, 2000, 4000, 8000, 15000, 15000],
  );
  assert.equal(pauseBefore(1, 30_000, middle), 30_000);
  assert.equal(
    pauseBefore(1, 0, () => 0),
    375,
  );
  assert.equal(
    pauseBefore(1, 0, () => 1),
    625,
  );
});

test("trying again is offered only where the same bytes may fare better", () => {
  for (const code of [
    "no_answer",
    "worker_lost",
    "timed_out",
    "storage_full",
    "paused",
    "not_signed_in",
  ]) {
    assert.ok(isWorthRetrying(code), code);
  }
  for (const code of ["too_large", "truncated", "unknown_foreground", "unsupported_type"]) {
    assert.ok(!isWorthRetrying(code), code);
  }
  assert.ok(isWorthRetrying("unknown_foreground", true), "another model may know it");
  assert.ok(!isWorthRetrying("truncated", true), "no model mends a file");
});

test("keys are long and never the same", () => {
  const keys = Array.from({ length: 1000 }, makeKey);
  assert.equal(new Set(keys).size, 1000);
  for (const key of keys) assert.match(key, /^[0-9a-f]{32}$/);
});
