/** Small cut-outs on the background that is chosen, before anything is sent. */

export class Grounds {
  /** @param {HTMLFormElement} form @param {Record<string, Record<string, string>>} presets */
  constructor(form, presets) {
    [this.form, this.presets] = [form, presets];
    this.url = "";
    this.file = /** @type {File | null} */ (null);
  }

  show() {
    const data = new FormData(this.form);
    const ground = this.find(data);
    const shadow =
      data.get("shadow") === "none" ? "" : "drop-shadow(0 0.2em 0.3em rgb(0 0 0 / 0.5))";
    for (const one of this.form.querySelectorAll("[data-ground]")) {
      const element = /** @type {HTMLElement} */ (one);
      element.style.background = ground;
      element.classList.toggle("checker", !ground);
      const picture = /** @type {HTMLElement | null} */ (element.querySelector("img"));
      if (picture) picture.style.filter = shadow;
    }
  }

  /** As CSS; the blurred photo is not on this page. @param {FormData} data */
  find(data) {
    const kind = data.get("background");
    if (kind === "bg_color") return String(data.get("bg_color"));
    if (kind === "bg_gradient") return `linear-gradient(${data.get("bg_gradient")})`;
    if (kind === "bg_image") return this.paint(data.get("picture"));
    return kind ? "" : (this.presets[String(data.get("preset"))]?.bg_color ?? "");
  }

  /** @param {FormDataEntryValue | null} file */
  paint(file) {
    if (!(file instanceof File) || !file.size) return "";
    if (this.file?.name !== file.name || this.file.lastModified !== file.lastModified) {
      if (this.url) URL.revokeObjectURL(this.url);
      [this.file, this.url] = [file, URL.createObjectURL(file)];
    }
    return `center / cover url("${this.url}")`;
  }
}
