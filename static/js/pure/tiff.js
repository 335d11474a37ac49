/** The first directory of a TIFF file. */

/**
 * Whole-number tags: tag → its first value. As many as lie within the bytes at hand; tags of other
 * types are listed with the value 1.
 * @param {Uint8Array} head
 * @returns {Map<number, number>}
 */
export function readTags(head) {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  /** @type {Map<number, number>} */
  const tags = new Map();
  try {
    const little = view.getUint8(0) === 0x49;
    const first = view.getUint32(4, little);
    const count = view.getUint16(first, little);
    for (let at = first + 2; at < first + 2 + count * 12; at += 12) {
      const tag = view.getUint16(at, little);
      const type = view.getUint16(at + 2, little);
      view.getUint32(at + 4, little);
      if (type === 3) tags.set(tag, view.getUint16(at + 8, little));
      else if (type === 4) tags.set(tag, view.getUint32(at + 8, little));
      else if (!tags.has(tag)) tags.set(tag, 1);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return tags;
}
