/**
 * Bytes in decimal units, in the words of `processing/templatetags/sizes.py`: "1.2 MB", "340 kB".
 * @param {number} size
 */
export function nameBytes(size) {
  if (size >= 999_500) return `${(size / 1e6).toFixed(1)} MB`;
  if (size >= 1000) return `${Math.round(size / 1e3)} kB`;
  return `${size} byte${size === 1 ? "" : "s"}`;
}
