/** Saving a version: sent, made by a worker, told. Whatever is refused leaves the strokes on the page. */
import { ask } from "./api.js";
import { Refusal } from "../pure/retry.js";
import { _, fill } from "../pure/words.js";

const PATIENCE = 120_000;
const LOOK_EVERY = 700;
const GONE = _("This image has been erased, and its versions with it. Nothing was saved.");

/**
 * @typedef {{number: number, state: string, error: {message: string} | null, links: Record<string, string>}} Version
 * @typedef {{head: number, version: number, versions: Version[], saved?: number}} State
 */

export class Saving {
  /**
   * @param {HTMLElement} editor @param {HTMLFormElement} form
   * @param {() => string} readStrokes as JSON
   * @param {(state: State) => void} onState
   */
  constructor(editor, form, readStrokes, onState) {
    [this.editor, this.form, this.readStrokes, this.onState] = [editor, form, readStrokes, onState];
    this.url = editor.dataset.url ?? "";
    // The version that the next one is put on, and the one that this page has gone on from.
    this.base = this.keeps = Number(editor.dataset.head);
    this.busy = false;
    this.settle();
    this.find("act='on-top'").addEventListener("click", () => this.saveOnTop());
  }

  /** @param {string} name @returns {HTMLElement} */
  find(name) {
    return /** @type {HTMLElement} */ (this.editor.querySelector(`[data-${name}]`));
  }

  /** What is on the page now is what is saved. */
  settle() {
    [this.strokes, this.options] = [this.readStrokes(), this.readOptions()];
  }

  isDirty() {
    return this.strokes !== this.readStrokes() || this.options !== this.readOptions();
  }

  readOptions() {
    const pairs = [...new FormData(this.form)].filter(([name]) => name !== "id" && name !== "base");
    return JSON.stringify(
      pairs.map(([name, value]) => [name, value instanceof File ? value.name : value]),
    );
  }

  async save() {
    if (this.busy) return;
    this.setBusy(true);
    this.tell("");
    try {
      await this.send();
    } catch (error) {
      await this.refuse(error);
    }
    this.setBusy(false);
  }

  async send() {
    const strokes = this.readStrokes();
    const body = new FormData(this.form);
    body.set("base", String(this.base));
    body.set("keeps", String(this.keeps));
    body.delete("id");
    if (strokes !== this.strokes) body.set("strokes", strokes);
    const picture = body.get("picture");
    if (picture instanceof File && !picture.size) body.delete("picture");
    const options = this.readOptions();
    const state = await ask(this.url, { method: "POST", body, patience: PATIENCE });
    this.base = this.keeps = state.saved;
    [this.strokes, this.options] = [strokes, options];
    this.onState(state);
    const saved = _("Version %(number)s is saved and being made.");
    this.say(fill(saved, { number: state.saved }));
    await this.follow(state.saved);
  }

  /** Until a worker has made it. @param {number} number */
  async follow(number) {
    for (;;) {
      const state = await ask(this.url, { method: "GET" });
      this.onState(state);
      const one = state.versions.find((/** @type {Version} */ each) => each.number === number);
      if (one?.state === "done") {
        this.say(fill(_("Version %(number)s is made."), { number }));
        return;
      }
      if (one?.state === "failed") {
        this.say("");
        this.tell(one.error?.message ?? "");
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
    }
  }

  /** @param {unknown} error */
  async refuse(error) {
    if (!(error instanceof Refusal)) throw error;
    this.say("");
    if (error.status === 404 || error.status === 410) {
      this.tell(GONE);
    } else if (error.code === "version_conflict") {
      const state = await ask(this.url, { method: "GET" });
      this.latest = state.head;
      this.onState(state);
      const words = _(
        "Version %(number)s was saved or chosen elsewhere since you opened this page. Your strokes and options are still here.",
      );
      this.tell(fill(words, { number: state.head }), true);
    } else {
      this.tell(error.message);
    }
  }

  async saveOnTop() {
    this.base = this.latest ?? this.base;
    await this.save();
  }

  /** @param {string} words @param {boolean} [onTop] whether it can be saved on top of the other */
  tell(words, onTop = false) {
    const notice = this.find("conflict");
    this.find("conflict-words").textContent = words;
    this.find("act='on-top'").hidden = !onTop;
    notice.hidden = !words;
    if (words) notice.scrollIntoView({ block: "nearest" });
  }

  /** @param {string} words */
  say(words) {
    this.find("said").textContent = words;
  }

  /** @param {boolean} on */
  setBusy(on) {
    this.busy = on;
    this.editor.querySelector(".editor-save")?.setAttribute("aria-disabled", String(on));
    this.find("save-words").textContent = on ? _("Saving…") : _("Save version");
  }
}
