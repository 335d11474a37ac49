/** The dialog in which parts of a photo are covered before it is sent. Nothing of it leaves the page. */
import { Covers } from "../pure/covering.js";
import { NotCovered, bakePhoto, openPhoto } from "./cover_photo.js";
import { CoverStage } from "./cover_stage.js";
import { _, fill, ngettext } from "../pure/words.js";

/** A brush's width for each step of its slider, as a part of the photo's longer side. */
const BRUSH = 1 / 400;
const FAILED = _("This photo cannot be covered here. Cover it in another program.");
const LEAVE = _("Press Escape again to leave without covering anything.");

/** The open dialog: tools, buttons, keys, and what they do to the covers. */
class Desk {
  #covers = new Covers();
  #over = new AbortController();
  #warned = false;
  /** @type {(done: boolean) => void} */
  #decide = () => {};

  /** @param {HTMLDialogElement} dialog @param {import("./cover_photo.js").Photo} photo @param {string} name */
  constructor(dialog, photo, name) {
    this.dialog = dialog;
    this.photo = photo;
    this.find("name").textContent = name;
    dialog.showModal();
    // Another canvas has none of the last photo's listeners.
    const canvas = /** @type {HTMLCanvasElement} */ (this.find("canvas").cloneNode());
    this.find("canvas").replaceWith(canvas);
    this.stage = new CoverStage(canvas, photo, {
      drawn: () => this.#covers.drawn,
      tool: () => readTool(dialog, photo),
      add: (cover) => this.#change(() => this.#covers.add(cover)),
      tell: (sentence) => this.tell(sentence),
    });
    this.#listen();
    this.#change(() => {});
    canvas.focus();
  }

  /** @param {string} what @returns {HTMLElement} */
  find(what) {
    return /** @type {HTMLElement} */ (this.dialog.querySelector(`[data-cover-${what}]`));
  }

  /** @param {string} sentence */
  tell(sentence) {
    this.find("says").textContent = sentence;
  }

  /** @returns {Promise<boolean>} whether the photo is to be made as it is covered now */
  decision() {
    return new Promise((resolve) => (this.#decide = resolve));
  }

  /** @param {Parameters<typeof bakePhoto>[2]} wanted @returns {Promise<File | null>} null: told why */
  async make(wanted) {
    setDisabled(this.find("done"), true);
    this.tell(_("The covered photo is being made."));
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    try {
      return await bakePhoto(this.photo, this.#covers.drawn, wanted);
    } catch (error) {
      setDisabled(this.find("done"), false);
      this.tell(sentenceOf(error));
      return null;
    }
  }

  close() {
    this.#over.abort();
    this.stage.close();
    this.dialog.close();
  }

  /** @param {() => void} act on the covers */
  #change(act) {
    act();
    this.#warned = false;
    setDisabled(this.find("undo"), !this.#covers.canUndo);
    setDisabled(this.find("redo"), !this.#covers.canRedo);
    setDisabled(this.find("done"), !this.#covers.canUndo);
    this.tell(countCovers(this.#covers.drawn.length));
    this.stage.redraw();
  }

  #listen() {
    const { signal } = this.#over;
    const acts = {
      undo: () => this.#change(() => this.#covers.undo()),
      redo: () => this.#change(() => this.#covers.redo()),
      nearer: () => this.stage.zoom(2),
      farther: () => this.stage.zoom(-2),
      fit: () => this.stage.fit(),
      done: () => this.#decide(true),
      cancel: () => this.#decide(false),
    };
    listenToButtons(this.dialog, acts, signal);
    listenToKeys(this.dialog, acts, signal);
    this.dialog.addEventListener("cancel", (event) => this.#leave(event), { signal });
    this.dialog.addEventListener("close", () => this.#decide(false), { signal });
  }

  /** Escape lets go of what the keys move; then it asks once more before work is lost. */
  #leave(/** @type {Event} */ event) {
    if (this.stage.drop()) event.preventDefault();
    else if (this.#covers.canUndo && !this.#warned) {
      this.#warned = true;
      event.preventDefault();
      this.tell(LEAVE);
    }
  }
}

/**
 * @param {HTMLDialogElement} dialog
 * @param {File} file as it would be sent
 * @param {{kind: string, maxBytes: number}} facts
 * @returns {Promise<{file: File | null, problem: string}>} no file when nothing was covered; the
 *   problem is a sentence that says why nothing can be
 */
export async function coverPhoto(dialog, file, { kind, maxBytes }) {
  let photo;
  try {
    photo = await openPhoto(file);
  } catch (error) {
    return { file: null, problem: sentenceOf(error) };
  }
  const desk = new Desk(dialog, photo, file.name);
  let made = null;
  while (!made && (await desk.decision())) {
    made = await desk.make({ name: file.name, kind, maxBytes });
  }
  desk.close();
  photo.full.close();
  return { file: made, problem: "" };
}

/** @param {unknown} error */
function sentenceOf(error) {
  return error instanceof NotCovered ? error.message : FAILED;
}

/** @typedef {Record<"undo" | "redo" | "nearer" | "farther" | "fit", () => void>} Acts */

/** @param {HTMLDialogElement} dialog @param {Acts} acts @param {AbortSignal} signal */
function listenToButtons(dialog, acts, signal) {
  for (const [name, act] of Object.entries(acts)) {
    const button = dialog.querySelector(`[data-cover-${name}]`);
    button?.addEventListener("click", () => button.ariaDisabled || act(), { signal });
  }
}

/** @param {HTMLDialogElement} dialog @param {Acts} acts @param {AbortSignal} signal */
function listenToKeys(dialog, acts, signal) {
  const press = (/** @type {KeyboardEvent} */ event) => {
    const { key, ctrlKey, metaKey, shiftKey } = event;
    const lower = key.toLowerCase();
    if (ctrlKey || metaKey) {
      if (lower === "y" || (lower === "z" && shiftKey)) acts.redo();
      else if (lower === "z") acts.undo();
      else return;
    } else if (!(event.target instanceof HTMLCanvasElement)) return;
    else if (!pressPlain(dialog, lower, acts)) return;
    event.preventDefault();
  };
  dialog.addEventListener("keydown", press, { signal });
}

/**
 * @param {HTMLDialogElement} dialog
 * @param {string} key
 * @param {Acts} acts
 * @returns {boolean} whether the key means something
 */
function pressPlain(dialog, key, acts) {
  const choice = dialog.querySelector(`input[data-key="${CSS.escape(key)}"]`);
  if (choice instanceof HTMLInputElement) choice.click();
  else if (key === "[" || key === "]") changeBrush(dialog, key === "[" ? -2 : 2);
  else if (key === "+" || key === "=") acts.nearer();
  else if (key === "-") acts.farther();
  else if (key === "0") acts.fit();
  else return false;
  return true;
}

/** @param {HTMLDialogElement} dialog */
function brushOf(dialog) {
  return /** @type {HTMLInputElement} */ (dialog.querySelector("[data-cover-brush]"));
}

/** @param {HTMLDialogElement} dialog @param {number} steps */
function changeBrush(dialog, steps) {
  const slider = brushOf(dialog);
  slider.value = String(Number(slider.value) + steps);
}

/**
 * @param {HTMLDialogElement} dialog
 * @param {import("./cover_photo.js").Photo} photo
 * @returns {import("./cover_stage.js").Tool}
 */
function readTool(dialog, { width, height }) {
  const chosen = (/** @type {string} */ name) =>
    /** @type {HTMLInputElement} */ (dialog.querySelector(`input[name="${name}"]:checked`)).value;
  return {
    tool: /** @type {"rectangle" | "brush"} */ (chosen("cover-tool")),
    fill: /** @type {"black" | "pixelate"} */ (chosen("cover-fill")),
    size: Math.max(1, Number(brushOf(dialog).value) * BRUSH * Math.max(width, height)),
  };
}

/** Not `disabled`: that would throw away the focus. @param {Element} button @param {boolean} on */
function setDisabled(button, on) {
  if (on) button.setAttribute("aria-disabled", "true");
  else button.removeAttribute("aria-disabled");
}

/** @param {number} count */
function countCovers(count) {
  if (!count) return _("Nothing is covered yet.");
  const sentence = ngettext("%(count)s part is covered.", "%(count)s parts are covered.", count);
  return fill(sentence, { count });
}
