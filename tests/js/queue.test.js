import assert from "node:assert/strict";
import test from "node:test";
import { Queue } from "../../static/js/pure/queue.js";
import { ATTEMPTS, Refusal } from "../../static/js/pure/retry.js";

const settle = () => new Promise((resolve) => setImmediate(resolve));
const refuse = (status, code = "x") => new Refusal({ status, code, message: "" });

/** A queue whose requests are answered by hand. */
function prepare(width) {
  const requests = [];
  const phases = [];
  const pauses = [];
  const queue = new Queue(
    {
      send: (entry, signal, onProgress) =>
        new Promise((resolve, reject) => {
          requests.push({ entry, signal, onProgress, resolve, reject });
          signal.addEventListener("abort", () => reject(refuse(0)));
        }),
      wait: async (ms) => void pauses.push(ms),
      onChange: (entry) => phases.push(`${entry.file} ${entry.phase}`),
    },
    width,
  );
  return { queue, requests, phases, pauses };
}

test("only so many requests run at once, in the order of the files", async () => {
  const { queue, requests } = prepare(3);
  for (const name of ["a", "b", "c", "d", "e"]) queue.add(name, name);
  assert.deepEqual(
    requests.map(({ entry }) => entry.file),
    ["a", "b", "c"],
  );
  assert.equal(queue.pending, 5);
  requests[1].resolve("done");
  await settle();
  assert.equal(requests.length, 4);
  assert.equal(requests[3].entry.file, "d");
  for (const request of requests) request.resolve("done");
  await settle();
  requests[4].resolve("done");
  await settle();
  assert.equal(queue.pending, 0);
});

test("progress and the answer land on the entry", async () => {
  const { queue, requests, phases } = prepare(1);
  const entry = queue.add("a", "key-a");
  requests[0].onProgress(0.5);
  assert.equal(entry.progress, 0.5);
  requests[0].resolve({ id: "1" });
  await settle();
  assert.deepEqual(entry.result, { id: "1" });
  assert.deepEqual(phases, ["a waiting", "a sending", "a sending", "a sent"]);
});

test("a passing failure is tried again under the same key, after a pause", async () => {
  const { queue, requests, phases, pauses } = prepare(1);
  queue.add("a", "key-a");
  requests[0].reject(refuse(0));
  await settle();
  assert.equal(requests.length, 2);
  assert.equal(requests[1].entry.key, "key-a");
  assert.equal(pauses.length, 1);
  requests[1].resolve("done");
  await settle();
  assert.deepEqual(phases, ["a waiting", "a sending", "a pausing", "a sending", "a sent"]);
});

test("a refusal is final, and the next file goes on", async () => {
  const { queue, requests } = prepare(1);
  const entry = queue.add("a", "key-a");
  queue.add("b", "key-b");
  requests[0].reject(refuse(415, "not_an_image"));
  await settle();
  assert.equal(entry.phase, "failed");
  assert.equal(entry.refusal.code, "not_an_image");
  assert.equal(requests[1].entry.file, "b");
});

test("a line that stays broken is given up, and can be tried again by hand", async () => {
  const { queue, requests } = prepare(1);
  const entry = queue.add("a", "key-a");
  for (let go = 0; go < ATTEMPTS; go += 1) {
    requests[go].reject(refuse(503));
    await settle();
  }
  assert.equal(requests.length, ATTEMPTS);
  assert.equal(entry.phase, "failed");
  assert.equal(queue.pending, 0);
  queue.retry(entry);
  assert.equal(requests.length, ATTEMPTS + 1);
  assert.equal(entry.attempts, 1);
  requests[ATTEMPTS].resolve("done");
  await settle();
  assert.equal(entry.phase, "sent");
  queue.retry(entry);
  assert.equal(requests.length, ATTEMPTS + 1);
});

test("silence is waited out, however long it lasts", async () => {
  const { queue, requests } = prepare(1);
  const entry = queue.add("a", "key-a");
  for (let go = 0; go < 3 * ATTEMPTS; go += 1) {
    requests[go].reject(refuse(0));
    await settle();
  }
  assert.equal(entry.phase, "sending");
  requests[3 * ATTEMPTS].resolve("done");
  await settle();
  assert.equal(entry.phase, "sent");
});

test("cancelling stops a request under way and forgets one that waits", async () => {
  const { queue, requests } = prepare(1);
  const [first, second, third] = ["a", "b", "c"].map((name) => queue.add(name, name));
  queue.cancel(second);
  queue.cancel(first);
  await settle();
  assert.ok(requests[0].signal.aborted);
  assert.deepEqual([first.phase, second.phase, third.phase], ["cancelled", "cancelled", "sending"]);
  assert.equal(requests.length, 2);
  requests[1].resolve("done");
  await settle();
  queue.cancel(third);
  assert.equal(third.phase, "sent");
});

test("an answer that comes after the cancel is not taken", async () => {
  let resolve;
  const queue = new Queue({
    send: () => new Promise((done) => (resolve = done)),
    wait: async () => undefined,
    onChange: () => undefined,
  });
  const entry = queue.add("a", "a");
  queue.cancel(entry);
  resolve("done");
  await settle();
  assert.equal(entry.phase, "cancelled");
});

test("held, nothing starts and nothing is tried again; released, it goes on", async () => {
  const { queue, requests } = prepare(1);
  const first = queue.add("a", "a");
  queue.add("b", "b");
  queue.hold();
  requests[0].reject(refuse(0));
  await settle();
  assert.equal(first.phase, "failed");
  assert.equal(requests.length, 1);
  queue.release();
  queue.retry(first);
  assert.equal(requests[1].entry.file, "b");
  requests[1].resolve("done");
  await settle();
  assert.equal(requests[2].entry.file, "a");
});

test("a fault of the page fails its file and stops no other", async () => {
  const { queue, requests } = prepare(1);
  const entry = queue.add("a", "a");
  queue.add("b", "b");
  const fault = new TypeError("a fault");
  requests[0].reject(fault);
  await settle();
  assert.equal(entry.phase, "failed");
  assert.equal(entry.refusal.code, "page_fault");
  assert.equal(entry.refusal.cause, fault);
  assert.equal(requests[1].entry.file, "b");
});

test("paused, what is under way stops and goes on later in its old place", async () => {
  const { queue, requests, phases } = prepare(2);
  const [a, b, c] = ["a", "b", "c"].map((name) => queue.add(name, name));
  requests[0].onProgress(0.5);
  queue.pause();
  await settle();
  assert.deepEqual([a.phase, b.phase, c.phase], ["waiting", "waiting", "waiting"]);
  assert.equal(requests.length, 2);
  assert.equal(queue.pending, 3);
  queue.add("d", "d");
  assert.equal(requests.length, 2);
  queue.goOn();
  assert.deepEqual(
    requests.slice(2).map(({ entry }) => entry.file),
    ["a", "b"],
  );
  assert.ok(!phases.some((phase) => phase.endsWith("failed")));
});

test("a pause is over with the files that it was for", async () => {
  const { queue, requests } = prepare(1);
  queue.add("a", "a");
  queue.add("b", "b");
  queue.pause();
  queue.cancelAll();
  await settle();
  queue.add("c", "c");
  assert.equal(requests[1].entry.file, "c");
});

test("paused on its last step, a file goes through", async () => {
  const { queue, requests } = prepare(1);
  const entry = queue.add("a", "a");
  requests[0].onProgress(1);
  queue.pause();
  assert.ok(!requests[0].signal.aborted);
  requests[0].resolve("done");
  await settle();
  assert.equal(entry.phase, "sent");
});

test("an answer that a pause came too late for counts", async () => {
  let resolve;
  const queue = new Queue({
    send: () => new Promise((done) => (resolve = done)),
    wait: async () => undefined,
    onChange: () => undefined,
  });
  const entry = queue.add("a", "a");
  queue.pause();
  resolve("done");
  await settle();
  assert.equal(entry.phase, "sent");
});

test("paused between two goes, a file waits and does not try", async () => {
  const requests = [];
  const queue = new Queue({
    send: (entry) => {
      requests.push(entry);
      return Promise.reject(refuse(0));
    },
    wait: (_, signal) =>
      new Promise((resolve) => signal.addEventListener("abort", () => resolve())),
    onChange: () => undefined,
  });
  const entry = queue.add("a", "a");
  await settle();
  assert.equal(entry.phase, "pausing");
  queue.pause();
  await settle();
  assert.equal(entry.phase, "waiting");
  assert.equal(requests.length, 1);
  queue.goOn();
  await settle();
  assert.equal(requests.length, 2);
});

test("cancelling all spares what is on its last step", async () => {
  const { queue, requests } = prepare(2);
  const entries = ["a", "b", "c", "d"].map((name) => queue.add(name, name));
  requests[0].onProgress(1);
  const given = queue.cancelAll();
  await settle();
  assert.deepEqual(
    given.map(({ file }) => file),
    ["b", "c", "d"],
  );
  assert.deepEqual(
    entries.map(({ phase }) => phase),
    ["sending", "cancelled", "cancelled", "cancelled"],
  );
  requests[0].resolve("done");
  await settle();
  assert.equal(queue.pending, 0);
});

test("a wider queue starts more, a narrower one lets what runs end", async () => {
  const { queue, requests } = prepare(1);
  for (const name of ["a", "b", "c", "d", "e"]) queue.add(name, name);
  queue.setWidth(3);
  assert.equal(requests.length, 3);
  queue.setWidth(1);
  requests[0].resolve("done");
  requests[1].resolve("done");
  await settle();
  assert.equal(requests.length, 3);
  requests[2].resolve("done");
  await settle();
  assert.equal(requests.length, 4);
});
