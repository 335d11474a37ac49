/** The verifying page: files are read here, and of the photo only its SHA-256 is sent. */
import { sniff } from "./pure/sniff.js";
import { rebuild, strip } from "./pure/strip.js";
import { chooseHash, hashOf, kindOf } from "./pure/ticket.js";
import { _ } from "./pure/words.js";

const MOST_CHARACTERS = 20_000;
const FILLED_IN = {
  own: _("Its SHA-256 is filled in. The file stays on this device."),
  sent: _(
    "The SHA-256 of this photo as the studio sends it, without place and camera, is filled in. The file stays on this device.",
  ),
};
const form = /** @type {HTMLFormElement} */ (document.querySelector("[data-verify]"));
const said = /** @type {HTMLElement} */ (form.querySelector("[data-chosen]"));

/** Of the photo that was chosen: as it is, and as the studio would have sent it. */
let hashes = { own: "", sent: "" };

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
  fillIn();
}

/** @param {HTMLInputElement} input */
async function hash(input) {
  const [file] = input.files ?? [];
  if (!file) return;
  said.textContent = _("Its SHA-256 is being computed.");
  try {
    hashes = await hashBoth(file);
    fillIn();
    if (!hashes.own) {
      said.textContent = _("This browser computes a SHA-256 over https alone. Paste it instead.");
    }
  } catch {
    said.textContent = _("This file cannot be read. Choose it again.");
  }
  input.value = "";
}

/** The ticket and the photo come in any order. */
function fillIn() {
  if (!hashes.own) return;
  const which = chooseHash(hashes, fieldOf("ticket").value);
  fieldOf("sha256").value = hashes[which];
  said.textContent = FILLED_IN[which];
}

/** @param {File} file */
async function hashBoth(file) {
  const content = await file.arrayBuffer();
  const bytes = new Uint8Array(content);
  const { kind } = sniff(bytes);
  const stripped = kind && strip(bytes, kind);
  const sent = stripped ? await rebuild(file, stripped, "").arrayBuffer() : content;
  return { own: await hashOf(content, crypto.subtle), sent: await hashOf(sent, crypto.subtle) };
}

/**
 * @param {"receipt" | "ticket" | "sha256"} name
 * @returns {HTMLInputElement | HTMLTextAreaElement}
 */
function fieldOf(name) {
  return /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
}
