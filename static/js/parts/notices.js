/** The notices at the foot of the window: no worker, no answer, signed out. */
import { Refusal, isSilence } from "../pure/retry.js";

/**
 * @param {"worker" | "offline" | "signed-out"} name
 * @param {boolean} on
 */
export function showNotice(name, on) {
  document.querySelector(`[data-notice="${name}"]`)?.toggleAttribute("hidden", !on);
}

/** @param {"worker" | "offline" | "signed-out"} name */
export function isShown(name) {
  const notice = document.querySelector(`[data-notice="${name}"]`);
  return notice !== null && !notice.hasAttribute("hidden");
}

/**
 * What an answer, or its absence, says about the line and the session.
 * @param {unknown} refusal null when the server answered as asked
 */
export function noteAnswer(refusal) {
  showNotice("offline", isSilence(refusal));
  if (isSignedOut(refusal)) showNotice("signed-out", true);
}

/** @param {unknown} refusal */
export function isSignedOut(refusal) {
  return refusal instanceof Refusal && refusal.status === 401;
}

/** @param {() => void} resume what "Go on" does */
export function listenForResume(resume) {
  document.querySelector('[data-act="resume"]')?.addEventListener("click", () => {
    showNotice("signed-out", false);
    resume();
  });
}
