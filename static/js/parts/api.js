/** The site's addresses, asked in JSON. Whatever goes wrong is a Refusal. */
import { Refusal } from "../pure/retry.js";
import { _, fill, inPageLanguage } from "../pure/words.js";

const PATIENCE = 15_000;
const MOST_IDS = 500;
/** A way up on which nothing has moved for so long is broken, though nobody said so. */
const STANDSTILL = 60_000;

/**
 * @typedef {object} Image
 * @property {string} id
 * @property {string} url
 * @property {string} name
 * @property {"queued" | "running" | "done" | "failed"} state
 * @property {{code: string, message: string} | null} error
 * @property {boolean} little_found its mask is nearly empty
 * @property {string} received_at ISO 8601
 * @property {string} purge_at ISO 8601
 * @property {boolean} kept for training, so that `purge_at` is no end
 * @property {string | null} opted_in_at ISO 8601, of what is kept
 * @property {boolean} erase_after_download
 * @property {number} version whose files are given out
 * @property {Record<string, string>} links
 */

/** The cookie follows a sign-in in another tab; the page's own token stands in where it is hidden. */
function readToken() {
  const cookie = /(?:^|; )(?:__Host-)?csrftoken=([^;]+)/.exec(document.cookie);
  const meta = /** @type {HTMLMetaElement | null} */ (
    document.querySelector('meta[name="csrf-token"]')
  );
  return cookie ? cookie[1] : (meta?.content ?? "");
}

/** What each request says of itself. */
function askingFor() {
  return { Accept: "application/json", "X-CSRFToken": readToken(), ...inPageLanguage() };
}

/**
 * @typedef {object} Order
 * @property {File} file
 * @property {string} key the same for every go
 * @property {AbortSignal} signal
 * @property {(part: number) => void} onProgress
 */

/**
 * Sends one file in one request.
 * @param {string} url
 * @param {Order} order
 * @returns {Promise<Image>}
 */
export function sendImage(url, { file, key, signal, onProgress }) {
  const body = new FormData();
  body.append("image_file", file, file.name);
  return send("POST", url, {
    body,
    signal,
    headers: { "Idempotency-Key": key },
    onSent: (sent, all) => onProgress(sent / all),
    read: (answer) => answer?.images?.[0] ?? null,
  });
}

/**
 * Sends what is large. XMLHttpRequest, because fetch tells nothing about the way up.
 * @template T
 * @param {"POST" | "PUT"} method
 * @param {string} url
 * @param {{body: FormData | Blob, signal: AbortSignal, headers?: Record<string, string>,
 *   onSent: (sent: number, all: number) => void, read: (answer: any) => T | null}} order `read`
 *   takes the JSON of the answer; null is for a refusal
 * @returns {Promise<T>}
 */
export function send(method, url, { body, signal, headers = {}, onSent, read }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    /** @type {ReturnType<typeof setTimeout>} */
    let standstill;
    const watch = () => {
      clearTimeout(standstill);
      standstill = setTimeout(() => request.abort(), STANDSTILL);
    };
    const fail = () => reject(noAnswer());
    request.upload.onprogress = ({ lengthComputable, loaded, total }) => {
      watch();
      if (lengthComputable) onSent(loaded, total);
    };
    request.onerror = fail;
    request.onabort = fail;
    request.onloadend = () => clearTimeout(standstill);
    request.onload = () => {
      const answer = parse(request.responseText);
      const result = read(answer);
      if (result) resolve(result);
      else reject(readRefusal(request.status, answer, request.getResponseHeader("Retry-After")));
    };
    if (signal.aborted) {
      fail();
      return;
    }
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.open(method, url);
    for (const [name, value] of Object.entries({ ...askingFor(), ...headers })) {
      request.setRequestHeader(name, value);
    }
    request.send(body);
    watch();
  });
}

/**
 * @param {string} url
 * @param {string[]} ids
 * @returns {Promise<{images: Image[], gone: string[], worker_up: boolean}>}
 */
export function fetchImages(url, ids) {
  return ask(`${url}?ids=${ids.join(",")}`, { method: "GET" });
}

/** An image that is gone already is as good as erased. @param {string} url */
export async function eraseImage(url) {
  try {
    await ask(url, { method: "DELETE" });
  } catch (error) {
    if (!(error instanceof Refusal && [404, 410].includes(error.status))) throw error;
  }
}

/**
 * @param {string} url
 * @param {string[]} ids
 */
export async function eraseImages(url, ids) {
  for (const some of inParts(ids)) {
    const body = new URLSearchParams(some.map((id) => ["id", id]));
    await ask(url, { method: "POST", body });
  }
}

/**
 * @param {string} url
 * @param {string[]} ids
 * @param {string} word
 * @param {"add" | "remove"} act
 * @returns {Promise<{word: string, tagged: number, full: number}>} how many have it now, and how
 *   many have as many as one can have
 */
export async function tagImages(url, ids, word, act) {
  const sum = { word, tagged: 0, full: 0 };
  for (const some of inParts(ids)) {
    const pairs = [["word", word], ["act", act], ...some.map((id) => ["id", id])];
    const answer = await ask(url, { method: "POST", body: new URLSearchParams(pairs) });
    sum.word = answer.word;
    sum.tagged += answer.tagged.length;
    sum.full += answer.full.length;
  }
  return sum;
}

/** So many as one request takes. @param {string[]} ids */
function* inParts(ids) {
  for (let start = 0; start < ids.length; start += MOST_IDS) {
    yield ids.slice(start, start + MOST_IDS);
  }
}

/**
 * @typedef {object} Rendering
 * @property {"queued" | "running" | "done" | "failed"} state
 * @property {{code: string, message: string} | null} error
 * @property {number | null} size bytes, once it is there
 * @property {string} status the address that tells how far it is
 */

/** Asks for a file of an image without waiting for it. @param {string} url @param {URLSearchParams} body */
export function askRendering(url, body) {
  return /** @type {Promise<Rendering>} */ (ask(url, { method: "POST", body }));
}

/** @param {string} url */
export function lookAtRendering(url) {
  return /** @type {Promise<Rendering>} */ (ask(url, { method: "GET" }));
}

/**
 * @param {string} url
 * @param {RequestInit & {patience?: number}} options `patience` in milliseconds
 */
export async function ask(url, { headers, signal, patience = PATIENCE, ...options }) {
  const limit = AbortSignal.timeout(patience);
  let response;
  let text;
  try {
    response = await fetch(url, {
      ...options,
      headers: { ...askingFor(), ...headers },
      signal: signal ? AbortSignal.any([limit, signal]) : limit,
    });
    text = await response.text();
  } catch {
    throw noAnswer();
  }
  const body = parse(text);
  if (response.ok && (body || response.status === 204)) return body;
  throw readRefusal(response.status, body, response.headers.get("Retry-After"));
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * @param {number} status
 * @param {any} body
 * @param {string | null} retryAfter
 */
function readRefusal(status, body, retryAfter) {
  const { code, message } = body?.error ?? body?.errors?.[0] ?? {};
  return new Refusal({
    status,
    code: code ?? (status === 401 ? "not_signed_in" : "bad_answer"),
    message:
      message ?? fill(_("The server answered with the error %(status)s. Try again."), { status }),
    retryAfter: (Number(retryAfter) || 0) * 1000,
  });
}

function noAnswer() {
  return new Refusal({
    status: 0,
    code: "no_answer",
    message: _("The server did not answer. Check the connection and try again."),
  });
}
