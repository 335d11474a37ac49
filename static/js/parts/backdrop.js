/** The options, seen before they are saved: what is behind the subject, its shadow, what is shown. */
import { findFrame, findSubject } from "../pure/frame.js";
import { castShadow } from "../pure/shadow.js";

const WIDEST_BLUR = 0.06; // Of the longer side at 100, as the engine has it.

export class Backdrop {
  /**
   * @param {HTMLElement} editor @param {HTMLFormElement} form
   * @param {import("./sheet.js").Sheet} sheet
   * @param {{photo: string, picture?: string}} urls the picture is the one that was saved
   * @param {(box: import("../pure/frame.js").Box) => void} onFrame what is shown of the photo
   */
  constructor(editor, form, sheet, urls, onFrame) {
    [this.form, this.sheet, this.urls, this.onFrame] = [form, sheet, urls, onFrame];
    const find = (/** @type {string} */ name) =>
      /** @type {HTMLElement} */ (editor.querySelector(`[data-${name}]`));
    this.ground = find("ground");
    this.picture = /** @type {HTMLImageElement} */ (find("ground-picture"));
    this.frame = find("frame");
    this.shadow = /** @type {HTMLCanvasElement} */ (find("shadow-canvas"));
    this.alpha = new Uint8Array();
    this.presets = JSON.parse(document.getElementById("preset-options")?.textContent ?? "{}");
    this.chosen = "";
    this.before = false;
  }

  /** All of it anew: after a stroke, too, which moves the frame and the shadow. */
  update() {
    const { width, height } = this.sheet;
    this.alpha = this.sheet.alpha();
    this.subject = findSubject(this.alpha, width, height);
    this.refresh();
  }

  refresh() {
    showFields(this.form);
    const preset = this.presets[this.value("preset")] ?? {};
    this.place(preset);
    this.fill(preset);
    this.cast();
  }

  /** @param {boolean} on the photo alone */
  showBefore(on) {
    this.before = on;
    this.refresh();
  }

  /** @param {string} name */
  value(name) {
    return String(new FormData(this.form).get(name) ?? "");
  }

  /** @param {Record<string, string>} preset */
  place(preset) {
    const { width, height } = this.sheet;
    const margin = this.value("crop") ? Number(this.value("crop_margin")) : null;
    const { canvas, scale, position } = preset.canvas ? preset : this.own();
    const shown = this.subject && !this.before && (margin !== null || canvas);
    const box = shown
      ? findFrame({ width, height }, this.subject, { margin, canvas, scale, position })
      : { left: 0, top: 0, right: width, bottom: height };
    for (const element of [this.ground, this.frame]) setBox(element, box);
    this.frame.hidden = !shown;
    this.box = box;
    this.onFrame(box);
  }

  own() {
    return {
      canvas: this.value("canvas"),
      scale: this.value("scale"),
      position: this.value("position"),
    };
  }

  /** @param {Record<string, string>} preset */
  fill(preset) {
    const kind = this.value("background");
    const colour = kind ? this.value("bg_color") : preset.bg_color;
    const plain = kind === "bg_color" || (!kind && colour);
    const { style } = this.ground;
    style.background = "";
    if (plain) style.background = colour ?? "";
    // An angle and colours alone: whatever else is written there is no gradient to a browser either.
    if (kind === "bg_gradient") style.background = `linear-gradient(${this.value("bg_gradient")})`;
    this.put(kind);
    this.ground.classList.toggle("checker", !plain && !kind);
  }

  /** A picture, or the photo itself out of focus. @param {string} kind of background */
  put(kind) {
    const blurred = kind === "bg_blur";
    this.picture.toggleAttribute("data-blurred", blurred);
    const longer = Math.max(this.sheet.width, this.sheet.height);
    const sigma = (Number(this.value("bg_blur")) / 100) * WIDEST_BLUR * longer;
    this.picture.style.filter = blurred ? `blur(${sigma}px)` : "";
    if (blurred) this.show(this.urls.photo);
    else this.show(kind === "bg_image" ? this.chosen || this.urls.picture || "" : "");
  }

  /** @param {string} url */
  show(url) {
    this.picture.hidden = !url;
    if (url && this.picture.getAttribute("src") !== url) this.picture.src = url;
  }

  /** @param {File | undefined} file a picture that is not sent yet */
  choose(file) {
    if (this.chosen) URL.revokeObjectURL(this.chosen);
    this.chosen = file ? URL.createObjectURL(file) : "";
    this.refresh();
  }

  /** The shadow, on the canvas between the ground and the picture. */
  cast() {
    const kind = this.value("shadow");
    this.shadow.hidden = this.before || !this.subject || !["drop", "contact"].includes(kind);
    if (this.shadow.hidden || !this.subject || !this.box) return;
    const number = (/** @type {string} */ name) => Number(this.value(`shadow_${name}`));
    const [opacity, blur] = [number("opacity"), number("blur")];
    const [distance, angle] = [number("distance"), number("angle")];
    const { width, height } = this.sheet;
    const wanted = { kind, opacity, blur, distance, angle };
    const layer = castShadow({ alpha: this.alpha, width, height }, this.box, this.subject, wanted);
    setBox(this.shadow, this.box);
    paintShadow(this.shadow, layer);
  }
}

/** @param {HTMLCanvasElement} canvas @param {import("../pure/shadow.js").Layer} layer */
function paintShadow(canvas, { width, height, dark }) {
  [canvas.width, canvas.height] = [width, height];
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const pixels = context.createImageData(width, height);
  for (let at = 0; at < dark.length; at += 1) pixels.data[at * 4 + 3] = dark[at] * 255;
  context.putImageData(pixels, 0, 0);
}

/** Only the fields of what is chosen. @param {HTMLFormElement} form */
export function showFields(form) {
  const data = new FormData(form);
  for (const field of form.querySelectorAll("[data-for]")) {
    const name = /** @type {HTMLElement} */ (field).dataset.for;
    field.toggleAttribute("hidden", name !== data.get("background"));
  }
  form.querySelector("[data-for-crop]")?.toggleAttribute("hidden", !data.get("crop"));
  const shadow = form.querySelector("[data-for-shadow]");
  shadow?.toggleAttribute("hidden", data.get("shadow") === "none");
}

/** @param {HTMLElement} element @param {import("../pure/frame.js").Box} box */
function setBox(element, { left, top, right, bottom }) {
  element.style.transform = `translate(${left}px, ${top}px)`;
  element.style.inlineSize = `${right - left}px`;
  element.style.blockSize = `${bottom - top}px`;
}
