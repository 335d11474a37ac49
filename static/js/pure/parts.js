/**
 * One large file in parts, so that a broken line costs no more than the part it broke in. What asks
 * the server is handed in; what is known of the upload stays with the file, for the next go.
 */
import { Refusal } from "./retry.js";

/** How often in a row a part can be refused for its place before the file is given up. */
const MISSES = 3;

/**
 * @typedef {{url: string, bytes: number, received: number}} Upload `bytes`: of a part
 * @typedef {{size: number, upload: Upload | null}} Sending
 * @typedef {{url: string, received: number, part_bytes: number}} Told
 * @typedef {object} Ports each throws Refusal
 * @property {() => Promise<Told>} begin
 * @property {(url: string) => Promise<Told>} look
 * @property {(upload: Upload, end: number, onProgress: (sent: number) => void) =>
 *   Promise<{received: number}>} put the bytes from `upload.received` to `end`
 * @property {(url: string) => Promise<any>} finish brings what `sendInParts` does
 */

/**
 * @param {Sending} sending
 * @param {Ports} ports
 * @param {(part: number) => void} onProgress from 0 to 1
 * @returns {Promise<any>}
 */
export async function sendInParts(sending, ports, onProgress) {
  const wasKnown = sending.upload !== null;
  try {
    return await goOn(sending, ports, onProgress);
  } catch (error) {
    if (!isGone(error)) throw error;
    // Erased meanwhile: by its time, or because nothing was heard of it for long.
    Object.assign(sending, { upload: null });
    if (!wasKnown) throw error;
    return goOn(sending, ports, onProgress);
  }
}

/** @param {Sending} sending @param {Ports} ports @param {(part: number) => void} onProgress */
async function goOn(sending, ports, onProgress) {
  const known = sending.upload;
  if (known) onProgress(known.received / sending.size);
  const upload = take(sending, await (known ? ports.look(known.url) : ports.begin()));
  for (let misses = 0; ; misses += 1) {
    try {
      while (upload.received < sending.size) {
        onProgress(upload.received / sending.size);
        await putNext(sending.size, upload, ports, onProgress);
        misses = 0;
      }
      onProgress(1);
      return await ports.finish(upload.url);
    } catch (error) {
      // Somebody knows better how much is there: an earlier part of this file, for example.
      if (!isMiss(error) || misses >= MISSES) throw error;
      upload.received = (await ports.look(upload.url)).received;
    }
  }
}

/** @param {number} size @param {Upload} upload @param {Ports} ports @param {(part: number) => void} onProgress */
async function putNext(size, upload, ports, onProgress) {
  const start = upload.received;
  const answer = await ports.put(upload, Math.min(size, start + upload.bytes), (sent) =>
    // All sent is told by the end alone: before it there is something to hold back.
    onProgress(Math.min(0.99, (start + sent) / size)),
  );
  upload.received = answer.received;
}

/** @param {Sending} sending @param {Told} told @returns {Upload} */
function take(sending, told) {
  const upload = { url: told.url, bytes: told.part_bytes, received: told.received };
  Object.assign(sending, { upload });
  return upload;
}

/** @param {unknown} error */
function isGone(error) {
  return error instanceof Refusal && error.code === "not_found";
}

/** @param {unknown} error */
function isMiss(error) {
  return error instanceof Refusal && ["wrong_offset", "incomplete"].includes(error.code);
}
