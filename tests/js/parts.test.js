import assert from "node:assert/strict";
import test from "node:test";
import { sendInParts } from "../../static/js/pure/parts.js";
import { Refusal } from "../../static/js/pure/retry.js";

const refuse = (status, code = "x") => new Refusal({ status, code, message: "" });

/** A server that keeps what comes, and breaks when it is told to. */
function prepare(size = 10) {
  const server = { received: null, bytes: 0, asked: [], fail: [] };
  const sending = { size, upload: null };
  const meet = (what) => {
    server.asked.push(what);
    const at = server.fail.findIndex(([name]) => name === what);
    if (at >= 0) return server.fail.splice(at, 1)[0][1]();
    return undefined;
  };
  const there = () => {
    if (server.received === null) throw refuse(404, "not_found");
  };
  const told = () => ({ url: "/u/", received: server.received, part_bytes: 4 });
  const ports = {
    begin: async () => {
      meet("begin");
      server.received ??= 0;
      return told();
    },
    look: async () => {
      meet("look");
      there();
      return told();
    },
    put: async ({ received }, end, onProgress) => {
      meet(`put ${received}`);
      there();
      if (received !== server.received) throw refuse(409, "wrong_offset");
      onProgress(end - received);
      server.bytes += end - received;
      server.received = end;
      return { received: end };
    },
    finish: async () => {
      meet("finish");
      there();
      if (server.received !== size) throw refuse(409, "incomplete");
      return "image";
    },
  };
  const progress = [];
  const go = () => sendInParts(sending, ports, (part) => progress.push(part));
  return { server, sending, progress, go };
}

test("a file goes in parts and is finished", async () => {
  const { server, progress, go } = prepare();
  assert.equal(await go(), "image");
  assert.deepEqual(server.asked, ["begin", "put 0", "put 4", "put 8", "finish"]);
  assert.deepEqual(progress, [0, 0.4, 0.4, 0.8, 0.8, 0.99, 1]);
});

test("the next go continues where the last one broke", async () => {
  const { server, sending, progress, go } = prepare();
  server.fail.push([
    "put 4",
    () => {
      throw refuse(0);
    },
  ]);
  await assert.rejects(go(), { status: 0 });
  assert.equal(sending.upload.received, 4);
  server.received = 6; // Of the part that broke, something had come.
  progress.length = 0;
  assert.equal(await go(), "image");
  assert.deepEqual(server.asked.slice(3), ["look", "put 6", "finish"]);
  assert.equal(progress[0], 0.4);
  assert.equal(server.bytes, 8);
});

test("a part that came although its answer was lost is not sent again", async () => {
  const { server, go } = prepare();
  server.fail.push([
    "put 4",
    () => {
      server.received = 8;
      throw refuse(409, "wrong_offset");
    },
  ]);
  assert.equal(await go(), "image");
  assert.deepEqual(server.asked, ["begin", "put 0", "put 4", "look", "put 8", "finish"]);
});

test("a finish that was not heard is asked for again", async () => {
  const { server, go } = prepare();
  server.fail.push([
    "finish",
    () => {
      throw refuse(0);
    },
  ]);
  await assert.rejects(go(), { status: 0 });
  assert.equal(await go(), "image");
  assert.deepEqual(server.asked.slice(-2), ["look", "finish"]);
});

test("an upload that was erased meanwhile begins anew", async () => {
  const { server, sending, go } = prepare();
  sending.upload = { url: "/u/", bytes: 4, received: 8 };
  assert.equal(await go(), "image");
  assert.deepEqual(server.asked, ["look", "begin", "put 0", "put 4", "put 8", "finish"]);
});

test("one that is erased under its hands is given back to be tried again", async () => {
  const { server, sending, go } = prepare();
  server.fail.push([
    "put 4",
    () => {
      throw refuse(404, "not_found");
    },
  ]);
  await assert.rejects(go(), { code: "not_found" });
  assert.equal(sending.upload, null);
  assert.equal(server.asked.filter((what) => what === "begin").length, 1);
});

test("a place that is refused again and again ends", async () => {
  const { server, go } = prepare();
  for (let time = 0; time < 9; time += 1) {
    server.fail.push([
      "put 0",
      () => {
        throw refuse(409, "wrong_offset");
      },
    ]);
  }
  await assert.rejects(go(), { code: "wrong_offset" });
  assert.equal(server.asked.filter((what) => what === "put 0").length, 4);
});

test("what is refused is refused at once", async () => {
  const { server, go } = prepare();
  server.fail.push([
    "put 0",
    () => {
      throw refuse(415, "unsupported_type");
    },
  ]);
  await assert.rejects(go(), { code: "unsupported_type" });
  assert.deepEqual(server.asked, ["begin", "put 0"]);
});
