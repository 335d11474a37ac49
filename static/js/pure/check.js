/**
 * What can be known to be refused before a byte is sent, in the sentences of
 * `processing/engine/errors.py`.
 * @typedef {{max_bytes: number, max_pixels: number}} Limits
 * @typedef {{code: string, message: string}} Problem
 */
import { nameNumber } from "./numbers.js";
import { _, fill } from "./words.js";

/**
 * @param {number} bytes the file's size
 * @param {import("./sniff.js").Header} header
 * @param {Limits} limits
 * @returns {Problem | null} null when the file can be sent
 */
export function check(bytes, header, limits) {
  const sentence = header.error ? describe(header) : null;
  if (header.error && sentence) return { code: header.error, message: sentence };
  return checkBytes(bytes, limits) ?? checkPixels(header, limits);
}

/** @param {import("./sniff.js").Header} header */
function describe(header) {
  switch (header.error) {
    case "empty_file":
      return _("This file is empty. Send the photo again.");
    case "unsupported_type":
      return fill(
        _("This file is %(kind)s. Send a JPEG, PNG, WebP, AVIF, HEIC, TIFF, GIF or BMP photo."),
        { kind: header.name ?? "" },
      );
    case "not_an_image":
      return _(
        "This file is not a photo. Send a JPEG, PNG, WebP, AVIF, HEIC, TIFF, GIF or BMP photo.",
      );
    default:
      return _(
        "This photo is damaged, or stored in a way that cannot be read here. Save it again as JPEG or PNG and send that copy.",
      );
  }
}

/**
 * @param {number} bytes
 * @param {Limits} limits
 * @returns {Problem | null}
 */
function checkBytes(bytes, limits) {
  if (bytes <= limits.max_bytes) return null;
  const most = nameMillions(limits.max_bytes);
  const message = fill(_("This file is larger than %(most)s MB. Send a smaller copy."), { most });
  return { code: "too_large", message };
}

/**
 * @param {import("./sniff.js").Header} header
 * @param {Limits} limits
 * @returns {Problem | null}
 */
function checkPixels({ width, height }, limits) {
  if (width === null || height === null || width * height <= limits.max_pixels) return null;
  const most = nameMillions(limits.max_pixels);
  const message = fill(
    _(
      "This photo is %(width)s × %(height)s pixels; the limit is %(most)s megapixels. " +
        "Send a smaller copy.",
    ),
    { width, height, most },
  );
  return { code: "too_many_pixels", message };
}

/** Three digits at most: 100000000 is "100", 31457280 is "31.5". @param {number} count */
function nameMillions(count) {
  return nameNumber(Number((count / 1e6).toPrecision(3)));
}
