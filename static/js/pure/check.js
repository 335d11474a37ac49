/**
 * What can be known to be refused before a byte is sent, in the sentences of
 * `processing/engine/errors.py`.
 * @typedef {{max_bytes: number, max_pixels: number}} Limits
 * @typedef {{code: string, message: string}} Problem
 */

const SEND = "Send a JPEG, PNG, WebP, AVIF, HEIC, TIFF, GIF or BMP photo.";

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
      return "This file is empty. Send the photo again.";
    case "unsupported_type":
      return `This file is ${header.name}. ${SEND}`;
    case "not_an_image":
      return `This file is not a photo. ${SEND}`;
    default:
      return "This photo is damaged. Save it again as JPEG or PNG and send that copy.";
  }
}

/**
 * @param {number} bytes
 * @param {Limits} limits
 * @returns {Problem | null}
 */
function checkBytes(bytes, limits) {
  if (bytes <= limits.max_bytes) return null;
  const message = `This file is larger than ${nameMillions(limits.max_bytes)} MB. Send a smaller copy.`;
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
  const message =
    `This photo is ${width} × ${height} pixels; the limit is ${most} megapixels. ` +
    "Send a smaller copy.";
  return { code: "too_many_pixels", message };
}

/** Three digits at most: 100000000 is "100", 31457280 is "31.5". @param {number} count */
function nameMillions(count) {
  return String(Number((count / 1e6).toPrecision(3)));
}
