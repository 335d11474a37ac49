/** Numbers as the language of the page writes them. */
import { language } from "./words.js";

/**
 * A number as it is, with its decimals (so many at least) and no marks between thousands: "1,2".
 * Whoever wants it shorter rounds it first: Intl rounds 1.15 up, which is a little less than that.
 * @param {number} value
 * @param {number} [least]
 */
export function nameNumber(value, least = 0) {
  const options = { minimumFractionDigits: least, maximumFractionDigits: 20, useGrouping: false };
  return new Intl.NumberFormat(language(), options).format(value);
}
