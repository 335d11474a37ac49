import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test, { afterEach } from "node:test";
import { nameLeft, nameSpan } from "../../static/js/pure/countdown.js";
import { speakEnglish } from "./catalog.js";

/** The server names lengths too, on the same pages: tests/bgerase_site/test_lengths.py. */
const vectors = JSON.parse(
  readFileSync(new URL("../vectors/lengths.json", import.meta.url), "utf8"),
);

afterEach(speakEnglish);

test("a length is called what the server calls it", () => {
  for (const [seconds, words] of Object.entries(vectors.en)) {
    assert.equal(nameSpan(seconds * 1000), words);
  }
});

test("in German too, with the catalog that pages load", async () => {
  await import("../../static/words/de.js");
  for (const [seconds, words] of Object.entries(vectors.de)) {
    assert.equal(nameSpan(seconds * 1000), words);
  }
  assert.equal(nameLeft(11_520_000), "Wird in 3 Std. 12 Min. gelöscht");
});
