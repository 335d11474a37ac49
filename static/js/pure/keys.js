/**
 * A key that makes sending the same file twice harmless.
 * `crypto.randomUUID` exists only on https and localhost; `getRandomValues` exists everywhere.
 * @returns {string} 32 hexadecimal digits
 */
export function makeKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
