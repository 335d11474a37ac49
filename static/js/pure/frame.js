/**
 * What of a picture, and how much around it, a version shows: the same arithmetic as
 * processing/engine/geometry.py, seen from the picture.
 * @typedef {{left: number, top: number, right: number, bottom: number}} Box
 * @typedef {{width: number, height: number}} Size
 */

/** What is fainter than this is not seen, and does not count as subject. */
const SEEN = 8;

/** @param {Uint8Array} alpha @param {number} width @param {number} height @returns {Box | null} */
export function findSubject(alpha, width, height) {
  const box = { left: width, top: height, right: 0, bottom: 0 };
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 1) {
      if (alpha[at] < SEEN) continue;
      if (x < box.left) box.left = x;
      if (x >= box.right) box.right = x + 1;
      if (y < box.top) box.top = y;
      box.bottom = y + 1;
    }
  }
  return box.right > box.left ? box : null;
}

/**
 * @param {Size} picture
 * @param {Box} subject
 * @param {{margin: number | null, canvas?: string, scale?: string, position?: string}} options `margin`
 *   in per cent of the subject, null without a crop; the others as the engine writes them
 * @returns {Box} in pixels of the picture; it can reach beyond it
 */
export function findFrame(picture, subject, { margin, canvas, scale, position }) {
  const [wide, high] = [subject.right - subject.left, subject.bottom - subject.top];
  const frame =
    margin === null
      ? { left: 0, top: 0, right: picture.width, bottom: picture.height }
      : widen(subject, (wide * margin) / 100, (high * margin) / 100);
  const shown = { width: frame.right - frame.left, height: frame.bottom - frame.top };
  const size = readCanvas(canvas) ?? shown;
  const share = scale ? parseFloat(scale) / 100 : null;
  const zoom =
    share === null
      ? Math.min(size.width / shown.width, size.height / shown.height)
      : Math.min((size.width * share) / wide, (size.height * share) / high);
  const places = readPosition(position) ?? (share === null ? null : [50, 50]);
  const left = places
    ? subject.left - ((size.width / zoom - wide) * places[0]) / 100
    : frame.left - (size.width / zoom - shown.width) / 2;
  const top = places
    ? subject.top - ((size.height / zoom - high) * places[1]) / 100
    : frame.top - (size.height / zoom - shown.height) / 2;
  return { left, top, right: left + size.width / zoom, bottom: top + size.height / zoom };
}

/** @param {Box} box @param {number} across @param {number} down @returns {Box} */
function widen(box, across, down) {
  return {
    left: box.left - across,
    top: box.top - down,
    right: box.right + across,
    bottom: box.bottom + down,
  };
}

/** @param {string | undefined} text @returns {Size | null} */
function readCanvas(text) {
  const found = /^(\d+)x(\d+)$/.exec(text ?? "");
  return found ? { width: Number(found[1]), height: Number(found[2]) } : null;
}

/** @param {string | undefined} text @returns {number[] | null} */
function readPosition(text) {
  if (!text || text === "original") return null;
  if (text === "center") return [50, 50];
  const shares = text.split(" ").map(parseFloat);
  return [shares[0], shares[1] ?? shares[0]];
}
