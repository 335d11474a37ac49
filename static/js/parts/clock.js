/** Times on the page, in the reader's zone and true to the server's clock. */
import {
  capitalise,
  nameDate,
  nameDay,
  nameDeadline,
  nameLeft,
  nameMoment,
  untilChange,
} from "../pure/countdown.js";
import { language } from "../pure/words.js";

/** A reader's clock this much off is corrected; less is the time the page took to arrive. */
const TOLERANCE = 30_000;
const LONGEST_PAUSE = 30_000;
/** Those that change at almost the same moment change together. */
const SHORTEST_PAUSE = 100;

let skew = 0;
/** Milliseconds from now on that a photo sent now can be read. */
let offer = 0;
let usualOffer = 0;

/** The server's time. */
export function now() {
  return new Date(Date.now() + skew);
}

/**
 * Sets all times on the page and keeps them true.
 * @param {string | undefined} serverTime when the page was made, ISO 8601
 * @param {(card: HTMLElement) => void} onDue called once for a card whose time has come
 */
export function startClock(serverTime, onDue) {
  const off = serverTime ? Date.parse(serverTime) - Date.now() : 0;
  skew = Math.abs(off) > TOLERANCE ? off : 0;
  const offered = /** @type {HTMLTimeElement | null} */ (document.querySelector("[data-deadline]"));
  offer = usualOffer = offered ? Date.parse(offered.dateTime) - now().getTime() : 0;
  /** @type {WeakMap<HTMLTimeElement, {of: string, since: number, until: number}>} whose words are true until then */
  const told = new WeakMap();
  const setLeft = (/** @type {HTMLTimeElement} */ time) => {
    const moment = now().getTime();
    const known = told.get(time);
    // Hundreds count down together, and of those a few change at a time.
    if (known?.of === time.dateTime && moment >= known.since && moment < known.until) {
      return known.until - moment;
    }
    const left = Date.parse(time.dateTime) - moment;
    if (Number.isNaN(left)) return Infinity;
    setWords(time, nameLeft(left));
    const card = /** @type {HTMLElement | null} */ (time.closest("[data-card]"));
    if (left <= 0 && card && card.dataset.state !== "erased") onDue(card);
    const pause = untilChange(left);
    told.set(time, { of: time.dateTime, since: moment, until: moment + pause });
    return pause;
  };
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  const tick = () => {
    clearTimeout(timer);
    if (offered) setDeadline(offered, new Date(now().getTime() + offer));
    for (const time of findTimes("[data-moment]")) setMoment(time);
    for (const time of findTimes("[data-day-of]")) setDay(time);
    timer = setTimeout(
      tick,
      Math.max(
        SHORTEST_PAUSE,
        Math.min(LONGEST_PAUSE, ...findTimes("[data-countdown]").map(setLeft)),
      ),
    );
  };
  // Hundreds of cards change at once: one look at all of them is enough.
  let planned = false;
  const plan = () => {
    if (planned) return;
    planned = true;
    queueMicrotask(() => {
      planned = false;
      tick();
    });
  };
  document.addEventListener("visibilitychange", tick);
  document.addEventListener("clock:changed", plan);
  tick();
}

/**
 * Another life for photos that are sent from now on.
 * @param {number | null} ms null for the usual one
 */
export function offerLife(ms) {
  offer = ms ?? usualOffer;
  document.dispatchEvent(new Event("clock:changed"));
}

/**
 * @param {HTMLTimeElement} time
 * @param {string} iso
 */
export function setCountdown(time, iso) {
  if (time.dateTime === iso) return;
  time.dateTime = iso;
  time.title = nameExactly(new Date(iso));
  setWords(time, nameLeft(Date.parse(iso) - now().getTime()));
  document.dispatchEvent(new Event("clock:changed"));
}

/** @param {HTMLTimeElement} time */
function setMoment(time) {
  const moment = new Date(time.dateTime);
  const words = nameMoment(moment, now());
  time.title = nameExactly(moment);
  setWords(time, time.dataset.moment === "within" ? words : capitalise(words)); // A sentence goes on.
}

/** "today", "3 March": the day of a moment; its date alone after "on". @param {HTMLTimeElement} time */
export function setDay(time) {
  const moment = new Date(time.dateTime);
  if (Number.isNaN(moment.getTime())) return;
  time.title = nameExactly(moment);
  setWords(time, time.dataset.dayOf === "date" ? nameDate(moment) : nameDay(moment, now()));
}

/** @param {HTMLTimeElement} time @param {Date} moment */
function setDeadline(time, moment) {
  time.dateTime = moment.toISOString();
  time.title = nameExactly(moment);
  setWords(time, nameDeadline(moment, now()));
}

/** Writes only what changed, so that nothing is laid out or read aloud again for nothing. */
function setWords(/** @type {HTMLElement} */ element, /** @type {string} */ words) {
  if (element.textContent !== words) element.textContent = words;
}

/** @param {Date} moment */
function nameExactly(moment) {
  const locale = language() === "en" ? undefined : language(); // English is written in many ways.
  return moment.toLocaleString(locale, { dateStyle: "full", timeStyle: "long" });
}

/** @param {string} selector @returns {HTMLTimeElement[]} */
function findTimes(selector) {
  return [...document.querySelectorAll(/** @type {"time"} */ (selector))];
}
