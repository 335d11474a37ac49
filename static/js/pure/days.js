/** Photos by the reader's day; the server can only group by its own. */
import { capitalise, dayKey, nameDay } from "./countdown.js";

/**
 * @template T
 * @param {Array<{item: T, moment: Date}>} entries newest first
 * @param {Date} now
 * @param {string} [timeZone]
 * @returns {Array<{key: string, title: string, items: T[]}>}
 */
export function groupByDay(entries, now, timeZone) {
  /** @type {Map<string, {key: string, title: string, items: T[]}>} */
  const days = new Map();
  for (const { item, moment } of entries) {
    const key = dayKey(moment, timeZone);
    const day = days.get(key) ?? {
      key,
      title: capitalise(nameDay(moment, now, timeZone)),
      items: [],
    };
    day.items.push(item);
    days.set(key, day);
  }
  return [...days.values()];
}
