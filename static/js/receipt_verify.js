/** The verifying page: files are read here, and of the photo only its SHA-256 is sent. */
import { hashOf, kindOf } from "./pure/ticket.js";

const MOST_CHARACTERS = 20_000;
const form = /** @type {HTMLFormElement} */ (document.querySelector("[data-verify]"));
const said = /** @type {HTMLElement} */ (form.querySelector("[data-chosen]"));

for (const part of form.querySelectorAll("[data-choose]")) part.toggleAttribute("hidden", false);
/** @type {HTMLElement | null} */ (document.querySelector("[data-verdict]"))?.focus();

form.querySelector("[data-choose-json]")?.addEventListener("change", (event) => {
  void take(/** @type {HTMLInputElement} */ (event.target));
});
form.querySelector("[data-choose-original]")?.addEventListener("change", (event) => {
  void hash(/** @type {HTMLInputElement} */ (event.target));
});

/** Puts each file where it belongs, by its own word. @param {HTMLInputElement} input */
async function take(input) {
  for (const file of input.files ?? []) {
    const text = file.size > MOST_CHARACTERS * 4 ? "" : await file.text();
    const kind = kindOf(text);
    if (kind) fieldOf(kind).value = text.trim();
    // What is neither is shown as a receipt: the answer then says what is wrong with it.
    else fieldOf("receipt").value = text.slice(0, MOST_CHARACTERS) || file.name;
  }
  input.value = "";
}

/** @param {HTMLInputElement} input */
async function hash(input) {
  const [file] = input.files ?? [];
  if (!file) return;
  said.textContent = "Its SHA-256 is being computed.";
  try {
    fieldOf("sha256").value = await hashOf(await file.arrayBuffer(), crypto.subtle);
    said.textContent = fieldOf("sha256").value
      ? "Its SHA-256 is filled in. The file stays on this device."
      : "This browser computes a SHA-256 over https alone. Paste it instead.";
  } catch {
    said.textContent = "This file cannot be read. Choose it again.";
  }
  input.value = "";
}

/**
 * @param {"receipt" | "ticket" | "sha256"} name
 * @returns {HTMLInputElement | HTMLTextAreaElement}
 */
function fieldOf(name) {
  return /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
}
