/** The editor of one image: brush, options, versions. */
import { ask } from "./parts/api.js";
import { applyToOthers } from "./parts/applying.js";
import { Backdrop, showFields } from "./parts/backdrop.js";
import { Painting, sizeOf } from "./parts/painting.js";
import { listenForPointers } from "./parts/painters.js";
import { reloadWhenRestored } from "./parts/restored.js";
import { Saving } from "./parts/saving.js";
import { Sheet } from "./parts/sheet.js";
import { listenForKeys } from "./parts/shortcuts.js";
import { Stage } from "./parts/stage.js";
import { showVersions } from "./parts/versions.js";
import { settle } from "./pure/strokes.js";
import { _, fill, ngettext } from "./pure/words.js";

const NOT_OPENED = _(
  "The photo cannot be opened here. Reload the page; its options can be changed.",
);
const FULL = _("One version holds no more strokes. Save it, or undo some of them.");

/** @template {HTMLElement} [T=HTMLElement] @param {string} selector @returns {T} */
const find = (selector) => /** @type {T} */ (document.querySelector(selector));

const editor = find("[data-editor]");
const form = /** @type {HTMLFormElement} */ (find("[data-form]"));
const stageElement = find("[data-stage]");
const tools = find("[data-tools]");
const keys = /** @type {HTMLDialogElement} */ (find("[data-keys]"));
const own = /** @type {HTMLInputElement} */ (find("#picture"));
const state = JSON.parse(find("#edit-state").textContent ?? "{}");
const head = state.versions.find((/** @type {any} */ one) => one.number === state.head);

const photo = { width: Number(editor.dataset.width), height: Number(editor.dataset.height) };
const photoUrl = `${editor.dataset.imageUrl}render?channels=rgb&format=webp&size=2048x2048`;
const sheet = new Sheet(/** @type {HTMLCanvasElement} */ (find("[data-canvas]")));
/** @type {Painting | null} */
let painting = null;
let panning = false;
/** @type {{photo: string, picture?: string}} */
const urls = { photo: photoUrl, picture: head.links.picture };
const backdrop = new Backdrop(editor, form, sheet, urls, (box) => {
  painting?.stage.keepInSight(box);
});
const saving = new Saving(
  editor,
  form,
  () => JSON.stringify(painting?.strokes ?? []),
  (now) => {
    // Of the version that this page goes on from: another tab's is not what is behind it.
    urls.picture = now.versions.find(({ number }) => number === saving.keeps)?.links.picture;
    showVersions(editor, now);
  },
);

prepareForm();
reloadWhenRestored(() => !saving.isDirty());
void open();

/** Everything that works without the photo's pixels. */
function prepareForm() {
  showFields(form);
  form.addEventListener("input", () => refresh());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { submitter } = event;
    if (submitter?.dataset.act === "apply") {
      const url = submitter.getAttribute("formaction") ?? "";
      void applyToOthers(form, url, saving.keeps, (words) => saving.say(words));
    } else void save();
  });
  own.addEventListener("change", () => backdrop.choose(own.files?.[0]));
  find("[data-preset]").addEventListener("change", () => {
    for (const input of form.querySelectorAll("[data-own]")) input.remove();
    refresh();
  });
  const help = find('[data-act="help"]');
  help.hidden = false;
  help.addEventListener("click", () => keys.showModal());
  addEventListener("beforeunload", (event) => {
    if (saving.isDirty() && !saving.busy) event.preventDefault();
  });
  // Going to another version sends a form: what is not saved is asked about by the browser.
}

function refresh() {
  if (painting) backdrop.refresh();
  else showFields(form);
}

async function save() {
  await saving.save();
  if (!own.value || saving.isDirty()) return;
  // Its picture is with the version now: from here on it is meant by its stand-in.
  own.value = "";
  if (!form.querySelector('[name="bg_image"]')) {
    const input = document.createElement("input");
    [input.type, input.name, input.value] = ["hidden", "bg_image", "0".repeat(64)];
    form.append(input);
  }
  saving.settle();
}

async function open() {
  try {
    const [strokes] = await Promise.all([
      head.links.strokes ? ask(head.links.strokes, { method: "GET" }) : [],
      sheet.load(photo, photoUrl, state.versions[0].links.mask),
    ]);
    begin(strokes);
  } catch {
    saving.say(NOT_OPENED);
  }
}

/** @param {import("./pure/strokes.js").Stroke[]} strokes */
function begin(strokes) {
  const surface = find("[data-sheet]");
  surface.hidden = false;
  find("[data-still]")?.remove();
  const zoomed = find("[data-zoom]");
  zoomed.hidden = tools.hidden = false;
  const stage = new Stage(stageElement, surface, sheet, (zoom) => {
    zoomed.textContent = `${Math.round((zoom * sheet.width * 100) / photo.width)} %`;
    painting?.showCursor();
  });
  const brush = new Painting(sheet, stage, find("[data-brush]"), readBrush, changed);
  painting = brush;
  painting.start(strokes);
  saving.settle();
  backdrop.update();
  makeFocusable();
  listenForPointers(stageElement, stage, brush, () => panning || readBrush().tool === "pan");
  const acts = nameActs(brush, stage);
  for (const button of tools.querySelectorAll("[data-act]")) {
    const { act } = /** @type {HTMLElement} */ (button).dataset;
    button.addEventListener("click", acts[act ?? ""]);
  }
  tools.addEventListener("input", () => brush.showCursor());
  listenForKeys([stageElement, tools], nameKeys(acts, brush), (across, down, event) => {
    if (event.altKey) stage.moveByKey(across, down);
    else moveByKey(brush, across, down, event.shiftKey);
  });
  document.addEventListener("keyup", (event) => {
    if (event.key === " ") setPanning(false);
  });
  brush.showCursor();
  changed("undo");
}

function makeFocusable() {
  stageElement.tabIndex = 0;
  stageElement.setAttribute("role", "application");
  stageElement.setAttribute(
    "aria-label",
    _(
      "Picture. Arrow keys move the brush, Enter puts it down and lifts it, question mark lists all keys.",
    ),
  );
  stageElement.toggleAttribute("data-ready", true);
}

function readBrush() {
  const tool = tools.querySelector("[data-tool]:checked");
  return {
    tool: /** @type {HTMLInputElement} */ (tool).value,
    size: sizeOf(Number(slider("size").value)),
    hardness: settle(Number(slider("hardness").value) / 100),
    smart: slider("smart").checked,
  };
}

/** @param {string} name @returns {HTMLInputElement} */
function slider(name) {
  return /** @type {HTMLInputElement} */ (tools.querySelector(`[data-${name}]`));
}

/** @param {string} why */
function changed(why) {
  const count = painting?.strokes.length ?? 0;
  const button = (/** @type {string} */ act) =>
    /** @type {HTMLButtonElement} */ (tools.querySelector(`[data-act="${act}"]`));
  button("undo").disabled = !count;
  button("redo").disabled = !painting?.undone.length;
  backdrop.update();
  if (why === "full") saving.say(FULL);
  else if (saving.isDirty()) saving.say(nameUnsaved(count));
  else saving.say("");
}

/** @param {number} count */
function nameUnsaved(count) {
  const sentence = ngettext(
    "%(count)s stroke, not saved yet.",
    "%(count)s strokes, not saved yet.",
    count,
  );
  return fill(sentence, { count });
}

/**
 * @param {Painting} brush @param {Stage} stage
 * @returns {Record<string, () => void>}
 */
function nameActs(brush, stage) {
  const before = /** @type {HTMLElement} */ (tools.querySelector('[data-act="before"]'));
  return {
    undo: () => brush.undo(),
    redo: () => brush.redo(),
    before: () => {
      const on = before.getAttribute("aria-pressed") !== "true";
      before.setAttribute("aria-pressed", String(on));
      sheet.showBefore(on);
      backdrop.showBefore(on);
    },
    "zoom-in": () => stage.zoomIn(),
    "zoom-out": () => stage.zoomOut(),
    fit: () => stage.fit(),
    actual: () => stage.actual(),
  };
}

/** @param {Record<string, () => void>} acts @param {Painting} brush */
function nameKeys(acts, brush) {
  const choose = (/** @type {string} */ tool) => () => {
    /** @type {HTMLInputElement} */ (tools.querySelector(`[value="${tool}"]`)).checked = true;
    brush.showCursor();
  };
  const slide = (/** @type {string} */ name, /** @type {number} */ by) => () => {
    slider(name).valueAsNumber += by;
    brush.showCursor();
  };
  return {
    e: choose("erase"),
    r: choose("restore"),
    s: () => slider("smart").click(),
    "[": slide("size", -4),
    "]": slide("size", 4),
    "{": slide("hardness", -10),
    "}": slide("hardness", 10),
    c: acts.before,
    b: acts.before, // as it was called before the image page and the editor agreed
    "+": acts["zoom-in"],
    "=": acts["zoom-in"],
    "-": acts["zoom-out"],
    0: acts.fit,
    1: acts.actual,
    "?": () => keys.showModal(),
    " ": () => setPanning(true),
    Enter: () => (brush.wet ? brush.lift() : brush.put(brush.at)),
    Escape: () => brush.cancel(),
    "Ctrl+z": acts.undo,
    "Ctrl+Shift+z": acts.redo,
    "Ctrl+y": acts.redo,
    "Ctrl+s": () => form.requestSubmit(),
  };
}

/** @param {Painting} brush @param {number} across @param {number} down @param {boolean} small */
function moveByKey(brush, across, down, small) {
  const { size } = readBrush();
  const step = (small ? 0.1 : 0.5) * size * Math.max(sheet.width, sheet.height);
  const place = (/** @type {number} */ at, /** @type {number} */ by) =>
    Math.min(1, Math.max(0, at + by));
  brush.moveTo([
    place(brush.at[0], (across * step) / sheet.width),
    place(brush.at[1], (down * step) / sheet.height),
  ]);
}

/** @param {boolean} on */
function setPanning(on) {
  panning = on;
  stageElement.toggleAttribute("data-panning", on);
}
