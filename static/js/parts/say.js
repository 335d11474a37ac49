/**
 * What a screen reader hears: progress politely and not too often, failures at once, and many
 * failures at once as one sentence.
 */
import { joinFailures } from "../pure/states.js";

const POLITE_PAUSE = 900;
const FAILURE_PAUSE = 300;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let sayTimer;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let failTimer;
/** @type {string[]} */
let failures = [];

/** @param {string} sentence */
export function say(sentence) {
  clearTimeout(sayTimer);
  sayTimer = setTimeout(() => write("[data-say]", sentence), POLITE_PAUSE);
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

/** @param {string} selector @param {string} sentence */
function write(selector, sentence) {
  const region = document.querySelector(selector);
  if (region && region.textContent !== sentence) region.textContent = sentence;
}
