/** The same options on other images, without leaving the page. */
import { ask } from "./api.js";
import { Refusal } from "../pure/retry.js";
import { _, fill, ngettext } from "../pure/words.js";

const PATIENCE = 60_000;

/** @param {HTMLFormElement} form @param {string} url @param {(words: string) => void} tell */
export async function applyToOthers(form, url, tell) {
  const body = new FormData(form);
  for (const name of ["base", "picture"]) body.delete(name);
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
