/**
 * Small files of every format, built part by part: what is needed for the pixels, and around it
 * everything that a camera, a phone or a program leaves in a file. "SECRET" stands in all of it.
 */
export const text = (...words) => Buffer.from(words.join(""), "latin1");
export const join = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part)));

export function number(width, value, little = false) {
  const bytes = Buffer.alloc(width);
  if (little) bytes.writeUIntLE(value, 0, width);
  else bytes.writeUIntBE(value, 0, width);
  return bytes;
}

/** EXIF as cameras write it: a turn, an owner, a place, a maker's own notes. */
export function exif({ turn = 6, gps = true, little = true } = {}) {
  const [two, four] = [(value) => number(2, value, little), (value) => number(4, value, little)];
  const entry = (tag, type, count, value) => join(two(tag), two(type), four(count), value);
  const entries = [
    ...(turn ? [entry(274, 3, 1, join(two(turn), two(0)))] : []),
    entry(315, 2, 11, four(200)),
    ...(gps ? [entry(34853, 4, 1, four(120))] : []),
  ];
  const directory = join(two(entries.length), ...entries, four(0));
  const head = join(text(little ? "II*\0" : "MM\0*"), four(8), directory);
  const place = join(two(1), entry(2, 5, 3, four(150)), four(0));
  const block = Buffer.alloc(260);
  head.copy(block, 0);
  place.copy(block, 120);
  text("SECRET-LATITUDE-48-12").copy(block, 150);
  text("SECRET-NAME\0").copy(block, 200);
  text("SECRET-MAKER-NOTE").copy(block, 220);
  return block;
}

export const XMP = text(
  '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="3" ',
  'exif:GPSLatitude="48,12N" dc:creator="SECRET-XMP"/></x:xmpmeta>',
);
export const PROFILE = text("a colour profile, which the pixels need");

/** What is left of EXIF where the photo is turned. */
export const turned = (turn) =>
  Buffer.from([
    ...text("MM\0*"),
    0,
    0,
    0,
    8,
    0,
    1,
    1,
    18,
    0,
    3,
    0,
    0,
    0,
    1,
    0,
    turn,
    ...Buffer.alloc(6),
  ]);

// ---- JPEG ----

const segment = (marker, ...parts) => {
  const body = join(...parts);
  return join([0xff, marker], number(2, body.length + 2), body);
};
const iptc = (set, value) => join([0x1c, 2, set], number(2, value.length), text(value));
const JPEG_HEAD = join(
  segment(0xdb, Buffer.alloc(65, 16)),
  segment(0xc2, Buffer.from([8, 0, 50, 0, 70, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1])),
  segment(0xc4, Buffer.alloc(20, 1)),
);
const SCANS = [
  join(segment(0xda, [1, 1, 0, 0, 63, 0]), [1, 2, 0xff, 0x00, 3, 0xff, 0xd0, 4]),
  join(segment(0xc4, Buffer.alloc(20, 2)), segment(0xda, [1, 2, 0, 0, 63, 0]), [5, 6, 7]),
];
const END = Buffer.from([0xff, 0xd9]);
const jfif = (thumbnail) =>
  segment(
    0xe0,
    text("JFIF\0"),
    [1, 1, 0, 0, 1, 0, 1],
    thumbnail.length ? [1, 2] : [0, 0],
    thumbnail,
  );
const adobe = (more) => segment(0xee, text("Adobe"), [0, 100, 0, 0, 0, 0, 1], more);
const profile = segment(0xe2, text("ICC_PROFILE\0"), [1, 1], PROFILE);

export function jpeg({ block = exif(), xmp = XMP } = {}) {
  return {
    kind: "jpeg",
    file: join(
      [0xff, 0xd8],
      jfif(text("SECRET")),
      segment(0xe0, text("JFXX\0"), text("SECRET-THUMBNAIL")),
      ...(block ? [segment(0xe1, text("Exif\0\0"), block)] : []),
      segment(0xe1, text("http://ns.adobe.com/xap/1.0/\0"), xmp),
      segment(0xe1, text("http://ns.adobe.com/xmp/extension/\0"), text("SECRET")),
      profile,
      segment(0xe2, text("MPF\0"), text("SECRET-INDEX")),
      segment(0xec, text("Ducky"), text("SECRET")),
      segment(0xed, text("Photoshop 3.0\0", "8BIM\x04\x04\0\0\0\0\0\x10"), iptc(90, "SECRET-TOWN")),
      adobe(text("SECRET")),
      segment(0xfe, text("SECRET-COMMENT")),
      text("SECRET junk between segments"),
      JPEG_HEAD,
      SCANS[0],
      segment(0xfe, text("SECRET between scans")),
      SCANS[1],
      END,
      text("SECRET film behind the end"),
    ),
    golden: (turn) =>
      join(
        [0xff, 0xd8],
        ...(turn === 1 ? [] : [segment(0xe1, text("Exif\0\0"), turned(turn))]),
        jfif([]),
        profile,
        adobe([]),
        JPEG_HEAD,
        ...SCANS,
        END,
      ),
  };
}

// ---- PNG ----

const TABLE = Array.from({ length: 256 }, (_, start) => {
  let value = start;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});
const crc = (bytes) =>
  ~bytes.reduce((sum, byte) => TABLE[(sum ^ byte) & 255] ^ (sum >>> 8), 0xffffffff) >>> 0;
const chunk = (name, ...parts) => {
  const body = join(...parts);
  const named = join(text(name), body);
  return join(number(4, body.length), named, number(4, crc(named)));
};

export function png({ block = exif() } = {}) {
  const start = join(
    text("\x89PNG\r\n\x1a\n"),
    chunk("IHDR", number(4, 7), number(4, 5), [8, 2, 0, 0, 0]),
    chunk("gAMA", number(4, 45455)),
    chunk("iCCP", text("name\0\0"), PROFILE),
  );
  const pixels = join(chunk("IDAT", text("pixels")), chunk("IDAT", text("more")), chunk("IEND"));
  return {
    kind: "png",
    file: join(
      start,
      chunk("tEXt", text("Author\0SECRET")),
      chunk("zTXt", text("Raw profile type exif\0\0SECRET")),
      chunk("iTXt", text("XML:com.adobe.xmp\0\0\0\0\0"), XMP),
      chunk("tIME", text("SECRET!")),
      chunk("acTL", text("SECRET..")),
      ...(block ? [chunk("eXIf", block)] : []),
      chunk("fdAT", text("SECRET frame")),
      chunk("caBX", text("SECRET credentials")),
      pixels,
      text("SECRET behind the end"),
    ),
    golden: (turn) => join(start, ...(turn === 1 ? [] : [chunk("eXIf", turned(turn))]), pixels),
  };
}

// ---- WebP ----

const riff = (name, ...parts) => {
  const body = join(...parts);
  return join(text(name), number(4, body.length, true), body, Buffer.alloc(body.length & 1));
};
const container = (...chunks) =>
  join(text("RIFF"), number(4, join(...chunks).length + 4, true), text("WEBP"), ...chunks);
const extended = (flags) => riff("VP8X", [flags, 0, 0, 0, 6, 0, 0, 4, 0, 0]);

export function webp({ block = exif() } = {}) {
  const profile_ = riff("ICCP", PROFILE);
  const pixels = join(riff("ALPH", text("alpha")), riff("VP8 ", text("pixels!")));
  return {
    kind: "webp",
    file: join(
      container(
        extended(0x20 | 0x10 | 0x08 | 0x04),
        profile_,
        pixels,
        ...(block ? [riff("EXIF", text("Exif\0\0"), block)] : []),
        riff("XMP ", XMP),
        riff("note", text("SECRET")),
      ),
      text("SECRET behind the end"),
    ),
    golden: (turn) =>
      turn === 1
        ? container(extended(0x30), profile_, pixels)
        : container(extended(0x38), profile_, pixels, riff("EXIF", turned(turn))),
  };
}

// ---- GIF ----

const sub = (...blocks) => join(...blocks.map((block) => join([block.length], block)), [0]);

export function gif() {
  const screen = join(text("GIF89a"), [7, 0, 5, 0, 0x80, 0, 0], [0, 0, 0, 255, 255, 255]);
  const loops = join([0x21, 0xff, 11], text("NETSCAPE2.0"), sub([1, 0, 0]));
  const frame = join(
    [0x21, 0xf9],
    sub([4, 1, 0, 0]),
    [0x2c, 0, 0, 0, 0, 7, 0, 5, 0, 0, 2],
    sub([1, 2, 3]),
  );
  return {
    kind: "gif",
    file: join(
      screen,
      loops,
      [0x21, 0xfe],
      sub(text("SECRET comment")),
      [0x21, 0xff, 11],
      text("XMP DataXMP"),
      sub(XMP),
      frame,
      [0x21, 0x01],
      sub(text("SECRET text")),
      frame,
      [0x3b],
      text("SECRET behind the end"),
    ),
    golden: () => join(screen, loops, frame, frame, [0x3b]),
  };
}
