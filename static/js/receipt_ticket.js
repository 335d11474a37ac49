/**
 * "Save claim ticket" on the page of an image: the SHA-256 is computed here, from the photo as the
 * server has it, and the server signs it when it finds the same.
 */
import { hashOf, nameTicket } from "./pure/ticket.js";
import { _, inPageLanguage } from "./pure/words.js";

const NO_ANSWER = _("The server did not answer. Check the connection and try again.");
const form = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-ticket]"));
const said = form?.querySelector("[data-ticket-said]");
const button = form?.querySelector("button");

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  if (button?.ariaDisabled) return;
  button?.setAttribute("aria-disabled", "true");
  void save(form).then((words) => {
    if (said) said.textContent = words;
    button?.removeAttribute("aria-disabled");
  });
});

/** @param {HTMLFormElement} asked @returns {Promise<string>} what came of it */
async function save(asked) {
  try {
    const { original = "", photo = "" } = asked.dataset;
    const body = new URLSearchParams({ sha256: await hashOriginal(original) });
    const token = /** @type {HTMLInputElement} */ (asked.elements.namedItem("csrfmiddlewaretoken"));
    const response = await fetch(asked.action, {
      method: "POST",
      body,
      headers: {
        Accept: "application/json",
        "X-CSRFToken": token.value,
        ...inPageLanguage(),
      },
    });
    if (!response.ok) return wordsOf(await response.json());
    download(await response.blob(), nameTicket(photo));
    return _("Saved. Keep it beside the photo: nothing of it stays here.");
  } catch {
    return NO_ANSWER;
  }
}

/** @param {string} address */
async function hashOriginal(address) {
  if (!crypto.subtle) return ""; // Then the server's own is taken.
  const response = await fetch(address);
  if (!response.ok) throw new Error(String(response.status));
  return hashOf(await response.arrayBuffer(), crypto.subtle);
}

/** @param {any} refusal */
function wordsOf(refusal) {
  return refusal?.error?.message ?? NO_ANSWER;
}

/** @param {Blob} content @param {string} name */
function download(content, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
