/** Large files, in parts: the addresses of `/uploads/` for `pure/parts.js`. Loaded when needed. */
import { sendInParts } from "../pure/parts.js";
import { ask, eraseImage, send } from "./api.js";

/**
 * @param {string} url where uploads begin
 * @param {import("./api.js").Order & {sending: import("../pure/parts.js").Sending,
 *   choices: Record<string, string>}} order
 * @returns {Promise<import("./api.js").Image>}
 */
export function sendLarge(url, { file, sending, choices, key, signal, onProgress }) {
  const begin = () => {
    const body = new URLSearchParams({ name: file.name, size: String(file.size), ...choices });
    return ask(url, { method: "POST", body, headers: { "Idempotency-Key": key }, signal });
  };
  const ports = {
    begin,
    look: (/** @type {string} */ address) => ask(address, { method: "GET", signal }),
    finish: async (/** @type {string} */ address) =>
      (await ask(`${address}finish`, { method: "POST", signal, patience: 60_000 })).images[0],
    put: (
      /** @type {import("../pure/parts.js").Upload} */ { url: address, received },
      /** @type {number} */ end,
      /** @type {(sent: number) => void} */ onSent,
    ) =>
      send("PUT", `${address}${received}`, {
        body: file.slice(received, end),
        signal,
        onSent,
        read: (body) => (typeof body?.received === "number" ? body : null),
      }),
  };
  return sendInParts(sending, ports, onProgress);
}

/** Whatever has come of it goes. What cannot be asked for now goes by its time. @param {string} url */
export function giveUp(url) {
  eraseImage(url).catch(() => undefined);
}
