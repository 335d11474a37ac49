import assert from "node:assert/strict";
import test from "node:test";
import { check } from "../../static/js/pure/check.js";
import { sniff } from "../../static/js/pure/sniff.js";

const LIMITS = { max_bytes: 30_000_000, max_pixels: 100_000_000 };
const photo = (width, height) => ({
  kind: "jpeg",
  mediaType: "image/jpeg",
  width,
  height,
  error: null,
  name: null,
});
const bytes = (text) => new Uint8Array(Buffer.from(text, "latin1"));

test("a photo at both limits can be sent", () => {
  assert.equal(check(LIMITS.max_bytes, photo(10_000, 10_000), LIMITS), null);
});

test("a photo whose size is not in its head is left to the server", () => {
  assert.equal(check(1000, photo(null, null), LIMITS), null);
});

test("a file over the limit is refused with the limit in megabytes", () => {
  assert.deepEqual(check(LIMITS.max_bytes + 1, photo(10, 10), LIMITS), {
    code: "too_large",
    message: "This file is larger than 30 MB. Send a smaller copy.",
  });
  const odd = check(40_000_000, photo(10, 10), { ...LIMITS, max_bytes: 31_457_280 });
  assert.equal(odd.message, "This file is larger than 31.5 MB. Send a smaller copy.");
});

test("a photo with too many pixels is refused with its own size", () => {
  assert.deepEqual(check(1000, photo(12_000, 12_000), LIMITS), {
    code: "too_many_pixels",
    message:
      "This photo is 12000 × 12000 pixels; the limit is 100 megapixels. Send a smaller copy.",
  });
});

test("what is no photo is refused by what it is, whatever its size", () => {
  const cases = [
    ["", "empty_file", "This file is empty. Send the photo again."],
    [
      "%PDF-1.7\n",
      "unsupported_type",
      "This file is a PDF. Send a JPEG, PNG, WebP, AVIF, HEIC, TIFF, GIF or BMP photo.",
    ],
    [
      "\x00\x01\x02\x03",
      "not_an_image",
      "This file is not a photo. Send a JPEG, PNG, WebP, AVIF, HEIC, TIFF, GIF or BMP photo.",
    ],
    [
      "GIF89a\0\0\x2c\x01\0\0\0",
      "decode_failed",
      "This photo is damaged, or stored in a way that cannot be read here. Save it again as JPEG or PNG and send that copy.",
    ],
  ];
  for (const [start, code, message] of cases) {
    assert.deepEqual(check(99_000_000, sniff(bytes(start)), LIMITS), { code, message });
  }
});
