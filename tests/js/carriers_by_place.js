/** Carriers whose parts name each other by place: TIFF, AVIF and HEIC. */
import { PROFILE, XMP, exif, join, number, text, turned } from "./carriers.js";

const tagOf = (entry, little) => (little ? entry.readUInt16LE(0) : entry.readUInt16BE(0));

// ---- TIFF ----

/** Two strips that lie apart, a palette of values outside the directory, a second page. */
export function tiff({ little = true, turn = 6 } = {}) {
  const [two, four] = [(value) => number(2, value, little), (value) => number(4, value, little)];
  const short = (tag, value) => join(two(tag), two(3), four(1), two(value), two(0));
  const far = (tag, type, count, at) => join(two(tag), two(type), four(count), four(at));
  const order = text(little ? "II*\0" : "MM\0*");
  const bits = join(two(8), two(8), two(8));
  const kept = (places) => [
    short(256, 4),
    short(257, 2),
    far(258, 3, 3, places.bits),
    short(259, 1),
    short(262, 2),
    far(273, 4, 2, places.strips),
  ];
  const after = (places) => [short(277, 3), short(278, 1), far(279, 4, 2, places.counts)];
  const colour = (at) => far(34675, 7, PROFILE.length, at);
  const way = turn === 1 ? [] : [short(274, turn)];
  const said = [far(270, 2, 20, 300), far(315, 2, 20, 300), far(700, 1, XMP.length, 420)];
  const extra = [far(33723, 4, 3, 300), colour(600), far(34853, 4, 1, 380), far(37724, 7, 20, 300)];

  const file = Buffer.alloc(760, 0x2e);
  const places = { bits: 280, strips: 264, counts: 272 };
  const [pixels, more] = [text("strip-number"), text("strip-second")];
  const all = [...kept(places), ...way, ...after(places), ...said, ...extra];
  const sorted = all.sort((one, other) => tagOf(one, little) - tagOf(other, little));
  join(order, four(8), two(sorted.length), ...sorted, four(700)).copy(file);
  join(four(340), four(660), four(12), four(12), bits).copy(file, 264);
  text("SECRET-DESCRIPTION!!").copy(file, 300);
  pixels.copy(file, 340);
  join(two(1), far(2, 5, 3, 300), four(0)).copy(file, 380);
  XMP.copy(file, 420);
  PROFILE.copy(file, 600);
  more.copy(file, 660);
  text("SECRET second page").copy(file, 700);

  const count = 10 + way.length;
  const values = 8 + 2 + count * 12 + 4;
  const at = { bits: values, strips: values + 6, counts: values + 14, profile: values + 22 };
  const end = at.profile + PROFILE.length + (PROFILE.length & 1);
  const entries = [...kept(at), ...way, ...after(at), colour(at.profile)];
  const golden = join(
    order,
    four(8),
    two(count),
    ...entries,
    four(0),
    bits,
    four(end),
    four(end + 12),
    four(12),
    four(12),
    PROFILE,
    Buffer.alloc(PROFILE.length & 1),
    pixels,
    more,
  );
  return { kind: "tiff", file, golden: () => golden };
}

// ---- AVIF and HEIC ----

const box = (name, ...parts) => {
  const body = join(...parts);
  return join(number(4, body.length + 8), text(name), body);
};
const full = (name, version, ...parts) => box(name, [version, 0, 0, 0], ...parts);
const EMPTY = text('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>');

/** A picture, its thumbnail, EXIF in two pieces, XMP in `idat`; a maker's box before and behind. */
export function heif({ kind = "heic" } = {}) {
  const infe = (id, name, more = "") =>
    full("infe", 2, number(2, id), number(2, 0), text(name, "\0", more));
  const block = join(number(4, 6), text("Exif\0\0"), exif());
  const build = ({ note, thumbnail, exifBytes, xmp, tail }) => {
    const meta = (base) => {
      const extent = (at, length) => join(number(4, at), number(4, length));
      const item = (id, method, ...extents) =>
        join(number(2, id), number(2, method), number(2, 0), number(2, extents.length), ...extents);
      return full(
        "meta",
        0,
        full(
          "iinf",
          0,
          number(2, 4),
          infe(1, "hvc1"),
          infe(2, "hvc1"),
          infe(3, "Exif"),
          infe(4, "mime", "application/rdf+xml\0"),
        ),
        full("iref", 0, box("thmb", number(2, 2), number(2, 1), number(2, 1))),
        full(
          "iloc",
          1,
          [0x44, 0x00],
          number(2, 4),
          item(1, 0, extent(base, 20)),
          item(2, 0, extent(base + 20, 16)),
          item(3, 0, extent(base + 36, 100), extent(base + 140, block.length - 100)),
          item(4, 1, extent(0, XMP.length)),
        ),
        box("idat", xmp),
      );
    };
    const brand = box("ftyp", text(kind === "avif" ? "avif" : "heic", "\0\0\0\0mif1"));
    const front = join(brand, note);
    const base = front.length + meta(0).length + 8;
    const data = box(
      "mdat",
      text("the pixels it needs!"),
      thumbnail,
      exifBytes.subarray(0, 100),
      text("gap!"),
      exifBytes.subarray(100),
    );
    return join(front, meta(base), data, tail);
  };
  const noteText = text("SECRET maker's own");
  const silent = Buffer.alloc(block.length);
  turned(1).copy(silent, 4);
  const spaces = Buffer.alloc(XMP.length, 0x20);
  EMPTY.copy(spaces);
  return {
    kind,
    file: build({
      note: box("uuid", noteText),
      thumbnail: text("SECRET-THUMBNAIL"),
      exifBytes: block,
      xmp: XMP,
      tail: box("mpvd", text("SECRET film")),
    }),
    golden: () =>
      build({
        note: box("free", Buffer.alloc(noteText.length)),
        thumbnail: Buffer.alloc(16),
        exifBytes: silent,
        xmp: spaces,
        tail: Buffer.alloc(0),
      }),
  };
}

/** A film of pictures: what its tracks say of themselves goes. */
export function sequence() {
  const build = (note) =>
    join(
      box("ftyp", text("avis\0\0\0\0avif")),
      box(
        "moov",
        box("mvhd", text("needed")),
        box("trak", box("tkhd", text("needed")), note),
        note,
      ),
      box("mdat", text("pixels")),
    );
  const said = text("\0\0\0\x20\xa9xyz+48.12+016.37/SECRET");
  return {
    kind: "avif",
    file: build(box("udta", said)),
    golden: () => build(box("free", Buffer.alloc(said.length))),
  };
}
