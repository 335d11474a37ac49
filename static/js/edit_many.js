/** One edit for many images: only the fields that count, and each cut-out on what is chosen. */
import { showFields } from "./parts/backdrop.js";
import { Grounds } from "./parts/grounds.js";
import { reloadWhenRestored } from "./parts/restored.js";
import { _, fill, ngettext } from "./pure/words.js";

const form = /** @type {HTMLFormElement} */ (document.querySelector("[data-form]"));
const presets = JSON.parse(document.getElementById("preset-options")?.textContent ?? "{}");
const words = /** @type {HTMLElement} */ (form.querySelector("[data-edit-words]"));
const grounds = new Grounds(form, presets);

function refresh() {
  showFields(form);
  grounds.show();
  const count = form.querySelectorAll('[name="id"]:checked').length;
  const sentence = ngettext("Edit %(count)s image", "Edit %(count)s images", count);
  words.textContent = fill(sentence, { count });
  const button = /** @type {HTMLButtonElement} */ (words.closest("button"));
  button.disabled = !count;
}

form.addEventListener("input", refresh);
form.addEventListener("change", refresh);
form.addEventListener("submit", () => {
  words.textContent = _("Sending…");
});
reloadWhenRestored();
refresh();
