import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { HEAD_BYTES, sniff, sniffFile } from "../../static/js/pure/sniff.js";

/** The vectors that `processing/engine/sniff.py` is held to as well. */
const vectors = JSON.parse(readFileSync(new URL("../vectors/sniff.json", import.meta.url), "utf8"));
const decode = (text) => new Uint8Array(Buffer.from(text, "base64"));

test("there are vectors for every accepted kind", () => {
  const kinds = new Set(vectors.map((vector) => vector.kind));
  for (const kind of ["jpeg", "png", "webp", "avif", "heic", "tiff", "gif", "bmp"]) {
    assert.ok(kinds.has(kind), kind);
  }
});

for (const vector of vectors) {
  test(`sniffs as the engine does: ${vector.name}`, () => {
    const { kind, width, height, error } = sniff(decode(vector.head));
    const expected = [vector.kind, vector.width, vector.height, vector.error];
    assert.deepEqual([kind, width, height, error], expected);
  });
}

test("every refused type has a name for its sentence", () => {
  for (const vector of vectors.filter(({ error }) => error === "unsupported_type")) {
    assert.match(sniff(decode(vector.head)).name, /^an? \S/, vector.name);
  }
});

test("bytes at an offset of a larger buffer are read at that offset", () => {
  for (const vector of vectors) {
    const head = decode(vector.head);
    const buffer = new Uint8Array(head.length + 7);
    buffer.set(head, 7);
    assert.deepEqual(sniff(buffer.subarray(7)), sniff(head), vector.name);
  }
});

test("no cut of any vector throws", () => {
  for (const vector of vectors) {
    const head = decode(vector.head);
    for (let length = 0; length < head.length; length += 1) sniff(head.subarray(0, length));
  }
});

/** A JPEG whose frame header comes after `padding` bytes of comments. */
function padJpeg(padding) {
  const segments = [Buffer.from([0xff, 0xd8])];
  for (let left = padding; left > 0; left -= 60_000) {
    const size = Math.min(left, 60_000);
    segments.push(
      Buffer.from([0xff, 0xfe, (size + 2) >> 8, (size + 2) & 0xff]),
      Buffer.alloc(size),
    );
  }
  segments.push(Buffer.from([0xff, 0xc0, 0, 17, 8, 0, 50, 0, 70, 3, 1, 0x22, 0, 2, 0x11, 1]));
  return new Blob([...segments, Buffer.alloc(40_000)]);
}

test("a size after a long profile is found, and one beyond the head is left to the server", async () => {
  const { kind, width, height } = await sniffFile(padJpeg(150_000));
  assert.deepEqual([kind, width, height], ["jpeg", 70, 50]);
  const beyond = await sniffFile(padJpeg(HEAD_BYTES + 1000));
  assert.deepEqual([beyond.kind, beyond.width, beyond.error], ["jpeg", null, null]);
});

/** A box of ISO/IEC 14496-12. */
function box(type, ...parts) {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8);
  head.write(type, 4, "latin1");
  return Buffer.concat([head, body]);
}

function ispe(width, height) {
  const body = Buffer.alloc(12);
  body.writeUInt32BE(width, 4);
  body.writeUInt32BE(height, 8);
  return box("ispe", body);
}

test("a tile's size at the start of a HEIC file is not taken for the photo's", async () => {
  const sizes = box("ipco", ispe(512, 512), box("free", Buffer.alloc(20_000)), ispe(4032, 3024));
  const brands = box("ftyp", Buffer.from("heic\0\0\0\0mif1heic", "latin1"));
  const file = new Blob([brands, box("meta", Buffer.alloc(4), box("iprp", sizes))]);
  const { kind, width, height } = await sniffFile(file);
  assert.deepEqual([kind, width, height], ["heic", 4032, 3024]);
});

test("a short file is read once", async () => {
  let reads = 0;
  const slice = () => {
    reads += 1;
    return new Blob([new Uint8Array(8)]);
  };
  await sniffFile({ size: 8, slice });
  assert.equal(reads, 1);
});
