/**
 * What a screen reader hears: events politely, progress politely and rarely, failures at once, and
 * many failures at once as one sentence.
 */
import { SHORTFALLS, joinFailures, summarise, summariseEnd } from "../pure/states.js";

const POLITE_PAUSE = 900;
/** Between two words on progress; it doubles while the same work goes on: hundreds of photos must
 * not be counted aloud. */
const PROGRESS_PAUSE = 5000;
const LONGEST_PAUSE = 60_000;
const FAILURE_PAUSE = 300;

/** @type {string[]} */
let events = [];
let progress = "";
let lastSaid = -Infinity;
let pause = PROGRESS_PAUSE;
let sayAt = Infinity;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let sayTimer;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let failTimer;
/** @type {string[]} */
let failures = [];

/** @param {string} sentence something that has happened: it is said, whatever comes after it */
export function say(sentence) {
  events.push(sentence);
  planToSay(performance.now() + POLITE_PAUSE);
}

/**
 * Says what is going on when that has changed, and at its end what came of it.
 * @returns {(states: string[]) => string} takes one state per card; gives the sentence
 */
export function prepareProgress() {
  let before = "";
  return (states) => {
    const sentence = summarise(states);
    if (sentence === before) return sentence;
    before = sentence;
    progress = sentence;
    if (!sentence) {
      say(summariseEnd(states));
      pause = PROGRESS_PAUSE;
    }
    const now = performance.now();
    planToSay(Math.max(now + POLITE_PAUSE, lastSaid + pause));
    return sentence;
  };
}

/** What "cut out" would hide. @param {import("./api.js").Image} image that has come to its end */
export function sayLittle({ name, little_found: little }) {
  if (little) say(`${name}: ${SHORTFALLS.little.words}.`);
}

/** @param {string} name of the photo @param {string} sentence what happened and what to do */
export function sayFailure(name, sentence) {
  failures.push(`${name}: ${sentence}`);
  clearTimeout(failTimer);
  failTimer = setTimeout(() => {
    write("[data-alarm]", joinFailures(failures));
    failures = [];
  }, FAILURE_PAUSE);
}

/** @param {number} moment by `performance.now`; an earlier plan stands */
function planToSay(moment) {
  if (moment >= sayAt) return;
  sayAt = moment;
  clearTimeout(sayTimer);
  sayTimer = setTimeout(sayAll, moment - performance.now());
}

function sayAll() {
  const sentences = progress ? [...events, progress] : events;
  if (progress) pause = Math.min(LONGEST_PAUSE, pause * 2);
  [events, progress, sayAt, lastSaid] = [[], "", Infinity, performance.now()];
  if (sentences.length) write("[data-say]", sentences.join(" "));
}

/** @param {string} selector @param {string} sentence */
function write(selector, sentence) {
  const region = document.querySelector(selector);
  if (!region) return;
  // The same words once more are only heard when the text changes.
  region.textContent = region.textContent === sentence ? `${sentence}\u00a0` : sentence;
}
