/**
 * Between a drop and the queue: what a photo says besides its picture is taken out, and it waits for
 * its sender where that is wanted or needed.
 */
import { notLoaded } from "../pure/retry.js";
import { sniffFile } from "../pure/sniff.js";
import { showPlace } from "./place.js";
import { hold, isCovering } from "./ready.js";

/** One photo's bytes are held at a time, however many are dropped. @type {Promise<unknown>} */
let line = Promise.resolve();

/**
 * Takes as long as its sender takes, where the photo waits for a word: never wait for it before
 * turning to the next file.
 * @param {File} file that can be sent
 * @param {HTMLElement} card
 * @returns {Promise<File>} the file as it is to be sent; rejected when it cannot be read, or with a
 *   Refusal when the page is not whole
 */
export async function prepare(file, card) {
  const turn = line.then(() => clean(file, card));
  line = turn.catch(() => undefined);
  const { ready, kind, followed } = await turn;
  if (followed && !isCovering()) return ready;
  return hold(card, { file: ready, kind, followed });
}

/** @param {File} file @param {HTMLElement} card */
async function clean(file, card) {
  const { kind, mediaType } = await sniffFile(file);
  // Dismissed while it waited for its turn: nobody sends it.
  if (!kind || !mediaType || !card.isConnected) return { ready: file, kind: "", followed: true };
  const { rebuild, strip } = await loadStrip();
  const stripped = strip(new Uint8Array(await file.arrayBuffer()), kind);
  if (!stripped) return { ready: file, kind, followed: false };
  if (stripped.located) showPlace(card);
  return { ready: rebuild(file, stripped, mediaType), kind, followed: true };
}

/** With the first photo. A photo that nothing can be taken out of for the want of it is not sent. */
async function loadStrip() {
  try {
    return await import("../pure/strip.js");
  } catch {
    throw notLoaded();
  }
}
