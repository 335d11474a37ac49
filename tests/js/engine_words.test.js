import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { check } from "../../static/js/pure/check.js";

/** Sentences live twice, in Python and here; the same refusal must read the same. */
const source = readFileSync(new URL("../../processing/engine/errors.py", import.meta.url), "utf8");
const accepted = "JPEG, PNG, WebP, AVIF, HEIC, TIFF, GIF or BMP photo";
const header = { kind: null, mediaType: null, width: null, height: null, name: "a PDF" };

function serverSentence(className) {
  const start = source.indexOf(`class ${className}(`);
  const [, parts] = /says = phrase\(((?:\s*"[^"]+")+)/.exec(source.slice(start));
  return [...parts.matchAll(/"([^"]+)"/g)].map(([, part]) => part).join("");
}

test("refusals made in the browser read as the server's do", () => {
  const pairs = {
    empty_file: "EmptyFile",
    not_an_image: "NotAnImage",
    decode_failed: "DecodeFailed",
  };
  for (const [error, className] of Object.entries(pairs)) {
    assert.equal(check(1, { ...header, error }, {}).message, serverSentence(className));
  }
});

test("a refused type is named in the server's sentence", () => {
  const { message } = check(1, { ...header, error: "unsupported_type" }, {});
  assert.equal(message, `This file is a PDF. Send a ${accepted}.`);
  assert.match(source, new RegExp(`"This file is %\\(kind\\)s\\."\\s*" Send a ${accepted}\\."`));
});
