/** How many bytes, for people to read. */
import { nameNumber } from "./numbers.js";
import { _, fill, ngettext } from "./words.js";

/**
 * Bytes in decimal units, in the words of `processing/templatetags/sizes.py`: "1.2 MB", "340 kB".
 * @param {number} size
 */
export function nameBytes(size) {
  if (size >= 999_500) {
    return fill(_("%(size)s MB"), { size: nameNumber(Number((size / 1e6).toFixed(1)), 1) });
  }
  if (size >= 1000) return fill(_("%(size)s kB"), { size: Math.round(size / 1e3) });
  return fill(ngettext("%(size)s byte", "%(size)s bytes", size), { size });
}
