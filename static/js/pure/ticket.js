/** Claim tickets and receipts as files. */

/**
 * The SHA-256 of a file, 64 hexadecimal digits.
 * @param {ArrayBuffer} content
 * @param {SubtleCrypto | undefined} subtle browsers offer it to pages over https alone
 * @returns {Promise<string>} empty where the browser cannot compute it
 */
export async function hashOf(content, subtle) {
  return subtle ? toHex(await subtle.digest("SHA-256", content)) : "";
}

/**
 * Of a file's own SHA-256 and that of the file as the studio sends it, the one that a ticket is for.
 * @param {{own: string, sent: string}} hashes
 * @param {string} ticket its JSON, or whatever stands in its place
 * @returns {"own" | "sent"}
 */
export function chooseHash({ own, sent }, ticket) {
  try {
    const wanted = JSON.parse(ticket)?.sha256;
    return wanted === sent && wanted !== own ? "sent" : "own";
  } catch {
    return "own";
  }
}

/** @param {ArrayBuffer} bytes */
export function toHex(bytes) {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * What a file holds, by its own word.
 * @param {string} text
 * @returns {"receipt" | "ticket" | ""}
 */
export function kindOf(text) {
  try {
    const type = JSON.parse(text)?.type;
    return type === "receipt" || type === "ticket" ? type : "";
  } catch {
    return "";
  }
}

/** "cup.jpg" becomes "cup-claim-ticket.json", as the server names it. @param {string} name */
export function nameTicket(name) {
  const stem = name.replace(/(?<=.)\.[^.]*$/s, "");
  return `${stem || "photo"}-claim-ticket.json`;
}
