/**
 * How long until a photo is erased, in words that are never longer than the truth: what is left is
 * rounded down, so that nothing is there after its words said it was gone.
 */
import { _, fill, language } from "./words.js";

/** @type {Map<string, Intl.DateTimeFormat>} made once each: a page formats hundreds of moments */
const formats = new Map();
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * @param {number} left milliseconds until the deadline
 * @returns {string} "Erased in 3 h 12 min", "Erased in 40 s", "Erased"
 */
export function nameLeft(left) {
  if (left <= 0) return _("Erased");
  return fill(_("Erased in %(span)s"), { span: nameSpan(left) });
}

/** @param {number} span milliseconds, above zero */
export function nameSpan(span) {
  if (span < MINUTE) {
    return fill(_("%(seconds)s s"), { seconds: Math.max(1, Math.floor(span / SECOND)) });
  }
  if (span < HOUR) return fill(_("%(minutes)s min"), { minutes: Math.floor(span / MINUTE) });
  const hours = Math.floor(span / HOUR);
  const minutes = Math.floor((span % HOUR) / MINUTE);
  return fill(minutes ? _("%(hours)s h %(minutes)s min") : _("%(hours)s h"), { hours, minutes });
}

/**
 * Milliseconds after which `nameLeft` says something else.
 * @param {number} left milliseconds until the deadline
 */
export function untilChange(left) {
  if (left <= 0) return Infinity;
  const unit = left < MINUTE ? SECOND : MINUTE;
  return (left % unit) + 1;
}

/**
 * A moment as the reader's clock and calendar call it: "today at 14:05", "tomorrow at 09:12",
 * "3 March at 14:05".
 * @param {Date} moment
 * @param {Date} now
 * @param {string} [timeZone] the reader's own when left out
 */
export function nameMoment(moment, now, timeZone) {
  const day = nameDay(moment, now, timeZone);
  // Translators: "today at 14:05", "3 March at 14:05"; it also stands within sentences.
  return fill(_("%(day)s at %(clock)s"), { day, clock: nameClock(moment, timeZone) });
}

/**
 * The same for "erased by …": "14:05 tomorrow", "09:12 on 3 March".
 * @param {Date} moment
 * @param {Date} now
 * @param {string} [timeZone]
 */
export function nameDeadline(moment, now, timeZone) {
  const day = nameDay(moment, now, timeZone);
  const sentence = /\d/.test(day)
    ? // Translators: after "erased by": "09:12 on 3 March".
      _("%(clock)s on %(day)s")
    : // Translators: after "erased by": "14:05 tomorrow".
      _("%(clock)s %(day)s");
  return fill(sentence, { clock: nameClock(moment, timeZone), day });
}

/** @param {string} words */
export function capitalise(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** @param {Date} moment @param {string} [timeZone] */
function nameClock(moment, timeZone) {
  /** @type {Intl.DateTimeFormatOptions} */
  const options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return formatWith(options, timeZone).format(moment);
}

/**
 * @param {Date} moment
 * @param {Date} now
 * @param {string} [timeZone]
 * @returns {string} "today", "yesterday", "tomorrow" or "3 March"
 */
export function nameDay(moment, now, timeZone) {
  // Calendar days, not spans of 24 hours: a day with a clock change is 23 or 25 hours long.
  const ahead = (Date.parse(dayKey(moment, timeZone)) - Date.parse(dayKey(now, timeZone))) / DAY;
  const near = { "-1": _("yesterday"), 0: _("today"), 1: _("tomorrow") }[ahead];
  return near ?? nameDate(moment, timeZone);
}

/** "3 March", today as well: for after "on". @param {Date} moment @param {string} [timeZone] */
export function nameDate(moment, timeZone) {
  return formatWith({ day: "numeric", month: "long" }, timeZone).format(moment);
}

/**
 * The calendar day of a moment as "2026-03-03": equal for moments of the same day.
 * @param {Date} moment
 * @param {string} [timeZone]
 */
export function dayKey(moment, timeZone) {
  const parts = formatWith({ year: "numeric", month: "2-digit", day: "2-digit" }, timeZone)
    .formatToParts(moment)
    .map((part) => [part.type, part.value]);
  const named = Object.fromEntries(parts);
  return `${named.year}-${named.month}-${named.day}`;
}

/** In the language of the page, as its words are: "en-GB" keeps day before month.
 * @param {Intl.DateTimeFormatOptions} options
 * @param {string} [timeZone]
 */
function formatWith(options, timeZone) {
  const locale = language() === "en" ? "en-GB" : language();
  const name = JSON.stringify([locale, options, timeZone]);
  const format =
    formats.get(name) ??
    new Intl.DateTimeFormat(locale, timeZone ? { ...options, timeZone } : options);
  formats.set(name, format);
  return format;
}
