import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { check } from "../../static/js/pure/check.js";

/** Sentences live twice, in Python and here; the same refusal must read the same. */
const source = readFileSync(new URL("../../processing/engine/errors.py", import.meta.url), "utf8");
const accepted = /^ACCEPTED = "(.+)"$/m.exec(source)[1];
const header = { kind: null, mediaType: null, width: null, height: null, name: "a PDF" };

function serverSentence(className) {
  const start = source.indexOf(`class ${className}(`);
  const [, sentence] = /says = f?"([^"]+)"/.exec(source.slice(start));
  return sentence.replace("{ACCEPTED}", accepted);
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
  assert.ok(source.includes('f"This file is {found}. Send a {ACCEPTED}."'));
});
