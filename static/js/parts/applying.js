/** The same options on other images, without leaving the page. */
import { ask } from "./api.js";
import { Refusal } from "../pure/retry.js";
import { _, fill, ngettext } from "../pure/words.js";

const PATIENCE = 60_000;
const NO_PICTURE = _("The picture behind this image cannot be read. Choose it again.");

/**
 * @param {HTMLFormElement} form @param {string} url @param {(words: string) => void} tell
 * @param {string | undefined} pictureUrl of the picture that is saved with this image
 */
export async function applyToOthers(form, url, tell, pictureUrl) {
  const body = new FormData(form);
  body.delete("base");
  if (!body.has("id")) {
    tell(_("Choose at least one image."));
    return;
  }
  try {
    await addPicture(body, pictureUrl);
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

/** Each of the others gets a copy of its own. @param {FormData} body @param {string | undefined} url */
async function addPicture(body, url) {
  const chosen = body.get("picture");
  const sends = chosen instanceof File && chosen.size > 0;
  if (!sends) body.delete("picture");
  if (sends || body.get("background") !== "bg_image" || !url) return;
  const response = await fetch(url);
  if (!response.ok) throw new Refusal({ status: response.status, code: "", message: NO_PICTURE });
  body.set("picture", await response.blob(), "picture");
}
