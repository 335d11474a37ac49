import assert from "node:assert/strict";
import test from "node:test";
import { BATCH, LONGEST, Poll, SHORTEST, chunk, pauseAfter } from "../../static/js/pure/poll.js";

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A poll with a clock and a server of its own. `server` maps ids to states. */
function prepare(server) {
  const world = { time: 0, timers: [], asked: [], answers: [], troubles: [], workerUp: true };
  world.fail = null;
  world.poll = new Poll({
    ask: async (ids) => {
      world.asked.push({ ids, at: world.time });
      if (world.fail) throw world.fail;
      return {
        images: ids.filter((id) => id in server).map((id) => ({ id, state: server[id] })),
        gone: ids.filter((id) => !(id in server)),
        worker_up: world.workerUp,
      };
    },
    onAnswer: (answer) => world.answers.push(answer),
    onTrouble: (error) => world.troubles.push(error),
    later: (run, ms) => {
      const timer = { run, at: world.time + ms };
      world.timers.push(timer);
      return timer;
    },
    cancel: (timer) => (world.timers = world.timers.filter((other) => other !== timer)),
    now: () => world.time,
  });
  world.next = async () => {
    const timer = world.timers.shift();
    world.time = timer.at;
    timer.run();
    await settle();
  };
  return world;
}

test("the pause is a tenth of the stillness, between its bounds, per request", () => {
  assert.equal(pauseAfter(0), SHORTEST);
  assert.equal(pauseAfter(1499), SHORTEST);
  assert.equal(pauseAfter(5000), 500);
  assert.equal(pauseAfter(60_000), LONGEST);
  assert.equal(pauseAfter(0, 5), 5 * SHORTEST);
  assert.equal(pauseAfter(60_000, 5), LONGEST);
});

test("ids are asked for in batches", () => {
  const ids = Array.from({ length: 2 * BATCH + 1 }, (_, index) => index);
  assert.deepEqual(
    chunk(ids).map((part) => part.length),
    [BATCH, BATCH, 1],
  );
  assert.deepEqual(chunk([]), []);
});

test("one request asks for all, until each is done or failed", async () => {
  const server = { a: "queued", b: "running" };
  const world = prepare(server);
  world.poll.watch("a");
  world.poll.watch("b");
  assert.equal(world.timers.length, 1);
  await world.next();
  assert.deepEqual(world.asked[0], { ids: ["a", "b"], at: SHORTEST });
  server.b = "done";
  await world.next();
  server.a = "failed";
  await world.next();
  assert.deepEqual(world.asked.at(-1).ids, ["a"]);
  assert.equal(world.timers.length, 0);
  assert.equal(world.poll.live.size, 0);
});

test("it slows down while nothing changes and speeds up when something does", async () => {
  const server = { a: "queued" };
  const world = prepare(server);
  world.poll.watch("a");
  while (world.time < 60_000) await world.next();
  assert.equal(world.timers[0].at - world.time, LONGEST);
  const requests = world.asked.length;
  assert.ok(requests < 70, `${requests} requests in a minute`);
  server.a = "running";
  await world.next();
  assert.equal(world.timers[0].at - world.time, SHORTEST);
});

test("a new id starts it again at once", async () => {
  const world = prepare({ a: "queued", b: "queued" });
  world.poll.watch("a");
  while (world.time < 60_000) await world.next();
  world.poll.watch("b");
  assert.equal(world.timers.length, 1);
  assert.equal(world.timers[0].at - world.time, SHORTEST);
});

test("what is gone is told and asked for no more", async () => {
  const world = prepare({});
  world.poll.watch("a");
  await world.next();
  assert.deepEqual(world.answers[0].gone, ["a"]);
  assert.equal(world.timers.length, 0);
});

test("hidden, it rests; shown again, it asks at once", async () => {
  const world = prepare({ a: "queued" });
  world.poll.watch("a");
  world.poll.pause();
  assert.equal(world.timers.length, 0);
  world.poll.watch("b");
  assert.equal(world.timers.length, 0);
  world.time = 600_000;
  world.poll.resume();
  assert.equal(world.timers[0].at - world.time, SHORTEST);
});

test("a broken line is told, and asking goes on slowly", async () => {
  const world = prepare({ a: "queued" });
  world.poll.watch("a");
  world.fail = new Error("no answer");
  await world.next();
  assert.deepEqual(world.troubles, [world.fail]);
  assert.equal(world.timers[0].at - world.time, LONGEST);
  world.fail = null;
  await world.next();
  assert.equal(world.answers.length, 1);
  assert.equal(world.timers.length, 1);
});

test("more than one batch is asked for in turn", async () => {
  const server = Object.fromEntries(Array.from({ length: 230 }, (_, i) => [`i${i}`, "queued"]));
  const world = prepare(server);
  for (const id of Object.keys(server)) world.poll.watch(id);
  await world.next();
  assert.deepEqual(
    world.asked.map(({ ids }) => ids.length),
    [100, 100, 30],
  );
  assert.equal(world.timers[0].at - world.time, 3 * SHORTEST);
});

test("what is forgotten while asked for does not come back", async () => {
  const world = prepare({ a: "queued" });
  world.poll.watch("a");
  const round = world.next();
  world.poll.forget("a");
  await round;
  assert.equal(world.poll.live.size, 0);
  assert.equal(world.timers.length, 0);
});

test("curious, it asks on without ids, until it has heard enough", async () => {
  const world = prepare({});
  world.poll.curious = true;
  world.poll.wake();
  await world.next();
  assert.deepEqual(world.asked[0].ids, []);
  while (world.time < 60_000) await world.next();
  assert.equal(world.timers[0].at - world.time, LONGEST);
  world.poll.curious = false;
  await world.next();
  assert.equal(world.timers.length, 0);
});
