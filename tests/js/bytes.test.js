import assert from "node:assert/strict";
import test from "node:test";
import { nameBytes } from "../../static/js/pure/bytes.js";

// As in tests/processing/views/test_sizes.py.
for (const [size, words] of [
  [0, "0 bytes"],
  [1, "1 byte"],
  [999, "999 bytes"],
  [1000, "1 kB"],
  [340_400, "340 kB"],
  [999_499, "999 kB"],
  [999_500, "1.0 MB"],
  [1_234_567, "1.2 MB"],
  [30_000_000, "30.0 MB"],
]) {
  test(`${size} bytes are ${words}`, () => assert.equal(nameBytes(size), words));
}
