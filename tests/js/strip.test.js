import assert from "node:assert/strict";
import test from "node:test";
import { rebuild, strip } from "../../static/js/pure/strip.js";
import { exif, gif, jpeg, png, webp } from "./carriers.js";
import { heif, sequence, tiff } from "./carriers_by_place.js";

const CARRIERS = {
  "a JPEG": jpeg(),
  "a PNG": png(),
  "a WebP": webp(),
  "a GIF": gif(),
  "a TIFF": tiff(),
  "a TIFF of the other order": tiff({ little: false }),
  "a HEIC": heif(),
  "an AVIF": heif({ kind: "avif" }),
  "a film of AVIF": sequence(),
};

/** The stripped file as bytes. */
function bytesOf(file, stripped) {
  const parts = stripped.pieces.map((piece) =>
    Array.isArray(piece) ? file.subarray(...piece) : piece,
  );
  return Buffer.concat(parts);
}

for (const [name, { kind, file, golden }] of Object.entries(CARRIERS)) {
  test(`${name} keeps its pixels, profile and turn, and nothing else`, () => {
    const stripped = strip(file, kind);
    assert.deepEqual(bytesOf(file, stripped), golden(6));
    assert.equal(stripped.located, true);
  });

  test(`${name} that is stripped has nothing left to strip`, () => {
    const once = golden(6);
    const twice = strip(once, kind);
    assert.deepEqual(bytesOf(once, twice), once);
    assert.equal(twice.located, false);
  });

  test(`${name} at an offset of a larger buffer comes out the same`, () => {
    const buffer = new Uint8Array(file.length + 5);
    buffer.set(file, 5);
    const inside = buffer.subarray(5);
    assert.deepEqual(bytesOf(inside, strip(inside, kind)), golden(6));
  });

  test(`${name} that is cut off anywhere says nothing of its owner and breaks nothing`, () => {
    for (let length = 4; length < file.length; length += 1) {
      const stripped = strip(file.subarray(0, length), kind);
      const left = stripped && bytesOf(file.subarray(0, length), stripped).toString("latin1");
      assert.ok(!left?.includes("SECRET"), `${length}`);
    }
  });

  test(`${name} with any byte turned over is stripped or given up, and never larger`, () => {
    for (let at = 0; at < file.length; at += 1) {
      const broken = Uint8Array.from(file);
      broken[at] ^= 0xff;
      const stripped = strip(broken, kind);
      if (stripped) assert.ok(bytesOf(broken, stripped).length <= file.length + 64, `${at}`);
    }
  });
}

test("no format leaves a word of what was said", () => {
  for (const { kind, file } of Object.values(CARRIERS)) {
    assert.ok(file.toString("latin1").includes("SECRET"));
    assert.ok(!bytesOf(file, strip(file, kind)).toString("latin1").includes("SECRET"), kind);
  }
});

for (const [make, name] of [
  [jpeg, "JPEG"],
  [png, "PNG"],
  [webp, "WebP"],
]) {
  test(`a ${name} keeps each of the eight turns, and upright ones need no word of it`, () => {
    for (let turn = 1; turn <= 8; turn += 1) {
      for (const little of [true, false]) {
        const { kind, file, golden } = make({ block: exif({ turn, little }) });
        assert.deepEqual(bytesOf(file, strip(file, kind)), golden(turn));
      }
    }
  });
}

test("a turn that does not exist is none", () => {
  for (const turn of [0, 9, 77]) {
    const { kind, file, golden } = jpeg({ block: exif({ turn }) });
    assert.deepEqual(bytesOf(file, strip(file, kind)), golden(1));
  }
});

test("a JPEG without EXIF is turned as its XMP says, as the server turns it", () => {
  const { kind, file, golden } = jpeg({ block: null });
  assert.deepEqual(bytesOf(file, strip(file, kind)), golden(3));
});

test("EXIF that says nothing of a turn says upright, whatever XMP says", () => {
  const { kind, file, golden } = jpeg({ block: exif({ turn: 0 }) });
  assert.deepEqual(bytesOf(file, strip(file, kind)), golden(1));
});

test("a place is only told where there is one", () => {
  const plain = Buffer.from('<x:xmpmeta tiff:Orientation="1"/>');
  const { file } = jpeg({ block: exif({ gps: false }), xmp: plain });
  const quiet = Buffer.from(
    file.toString("latin1").replace("\x1c\x02\x5a", "\x1c\x02\x05"),
    "latin1",
  );
  assert.equal(strip(file, "jpeg").located, true, "its town, in IPTC");
  assert.equal(strip(quiet, "jpeg").located, false);
});

test("a file cut off before its end goes on to say that it is", () => {
  const { file } = webp();
  const short = file.subarray(0, 100);
  const left = bytesOf(short, strip(short, "webp"));
  assert.ok(left.readUInt32LE(4) + 8 > left.length);
  const photo = jpeg().file;
  const cut = photo.subarray(0, photo.indexOf(Buffer.from([0xff, 0xd9])));
  assert.ok(!bytesOf(cut, strip(cut, "jpeg")).includes(Buffer.from([0xff, 0xd9])));
});

test("what has no picture, or hides it where it cannot be followed, is given up", () => {
  const soi = Buffer.from([0xff, 0xd8, 0xff, 0xd9]);
  assert.equal(strip(soi, "jpeg"), null);
  assert.equal(strip(png().file.subarray(0, 40), "png"), null);
  assert.equal(strip(Buffer.from("RIFF\x04\0\0\0WEBP", "latin1"), "webp"), null);
  assert.equal(strip(Buffer.from("GIF89a\x01\0\x01\0\0\0\0;", "latin1"), "gif"), null);
  assert.equal(strip(Buffer.from("II*\0\x08\0\0\0\0\0\0\0\0\0", "latin1"), "tiff"), null);
  assert.equal(strip(Buffer.from("\0\0\0\x10ftypheic\0\0\0\0", "latin1"), "heic"), null);
});

test("a TIFF that names the same bytes again and again does not grow", () => {
  const { file } = tiff();
  const greedy = Buffer.from(file);
  greedy.writeUInt32LE(700, 272); // The length of the first strip, of 760 bytes in all,
  greedy.writeUInt32LE(0, 264); // from the start on,
  greedy.writeUInt32LE(700, 276); // and of the second as well.
  assert.equal(strip(greedy, "tiff"), null);
});

test("an item of metadata that shares its bytes with the picture is given up, not overwritten", () => {
  const { file } = heif();
  const at = file.indexOf("iloc") + 4 + 4 + 2 + 2;
  const shared = Buffer.from(file);
  file.copy(shared, at + 2 * 16 + 8, at + 8, at + 12); // EXIF begins where the picture does.
  assert.equal(strip(shared, "heic"), null);
});

test("a long chain of parts ends", () => {
  const comment = Buffer.from([0xff, 0xfe, 0, 2]);
  const chain = Buffer.concat([Buffer.from([0xff, 0xd8]), ...Array(100_001).fill(comment)]);
  assert.equal(strip(chain, "jpeg"), null);
});

test("a BMP has nothing to strip", () => {
  const file = Buffer.from("BM and its pixels");
  assert.deepEqual(bytesOf(file, strip(file, "bmp")), file);
});

test("the file that is sent has its name, its time and what was kept", async () => {
  const { kind, file, golden } = jpeg();
  const photo = new File([file], "cup.jpg", {
    type: "image/x-odd",
    lastModified: 1_700_000_000_000,
  });
  const sent = rebuild(photo, strip(file, kind), "image/jpeg");
  assert.deepEqual(Buffer.from(await sent.arrayBuffer()), golden(6));
  assert.deepEqual(
    [sent.name, sent.type, sent.lastModified],
    ["cup.jpg", "image/jpeg", 1_700_000_000_000],
  );
});
