/** The site's addresses, asked in JSON. Whatever goes wrong is a Refusal. */
import { Refusal } from "../pure/retry.js";

const PATIENCE = 15_000;
/** A way up on which nothing has moved for so long is broken, though nobody said so. */
const STANDSTILL = 60_000;

/**
 * @typedef {object} Image
 * @property {string} id
 * @property {string} url
 * @property {string} name
 * @property {"queued" | "running" | "done" | "failed"} state
 * @property {{code: string, message: string} | null} error
 * @property {string} received_at ISO 8601
 * @property {string} purge_at ISO 8601
 * @property {boolean} kept for training, so that `purge_at` is no end
 * @property {boolean} erase_after_download
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

/**
 * Sends one file. XMLHttpRequest, because fetch tells nothing about the way up.
 * @param {string} url
 * @param {{file: File, key: string, signal: AbortSignal, onProgress: (part: number) => void}} order
 * @returns {Promise<Image>}
 */
export function sendImage(url, { file, key, signal, onProgress }) {
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
      if (lengthComputable) onProgress(loaded / total);
    };
    request.onerror = fail;
    request.onabort = fail;
    request.onloadend = () => clearTimeout(standstill);
    request.onload = () => {
      const body = parse(request.responseText);
      if (body?.images?.length) resolve(body.images[0]);
      else reject(readRefusal(request.status, body, request.getResponseHeader("Retry-After")));
    };
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.open("POST", url);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", readToken());
    request.setRequestHeader("Idempotency-Key", key);
    const body = new FormData();
    body.append("image_file", file, file.name);
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
  const body = new URLSearchParams(ids.map((id) => ["id", id]));
  await ask(url, { method: "POST", body });
}

/**
 * @param {string} url
 * @param {RequestInit} options
 * @param {number} [patience] milliseconds
 */
export async function ask(url, options, patience = PATIENCE) {
  let response;
  let text;
  try {
    response = await fetch(url, {
      ...options,
      headers: { Accept: "application/json", "X-CSRFToken": readToken() },
      signal: AbortSignal.timeout(patience),
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
    message: message ?? `The server answered with the error ${status}. Try again.`,
    retryAfter: (Number(retryAfter) || 0) * 1000,
  });
}

function noAnswer() {
  return new Refusal({
    status: 0,
    code: "no_answer",
    message: "The server did not answer. Check the connection and try again.",
  });
}
