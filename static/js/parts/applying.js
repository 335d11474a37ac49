/** The same options on other images, without leaving the page. */
import { ask } from "./api.js";
import { Refusal } from "../pure/retry.js";
import { _, fill, ngettext } from "../pure/words.js";

const PATIENCE = 60_000;

/**
 * @param {HTMLFormElement} form @param {string} url @param {number} base whose saved picture counts
 * @param {(words: string) => void} tell
 */
export async function applyToOthers(form, url, base, tell) {
  const body = new FormData(form);
  body.set("base", String(base));
  const picture = body.get("picture");
  if (picture instanceof File && !picture.size) body.delete("picture");
  if (!body.has("id")) {
    tell(_("Choose at least one image."));
    return;
  }
  try {
    const { saved, errors } = await ask(url, { method: "POST", body, patience: PATIENCE });
    const count = saved.length;
    const done = ngettext("Applied to %(count)s image.", "Applied to %(count)s images.", count);
    const words = [fill(done, { count })];
    for (const message of new Set(errors.map((/** @type {any} */ one) => one.message))) {
      words.push(String(message));
    }
    tell(words.join(" "));
    for (const box of form.querySelectorAll('[name="id"]:checked')) {
      /** @type {HTMLInputElement} */ (box).checked = false;
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    tell(error.message);
  }
}
