/** The stage: where the picture lies on it, moved and zoomed by mouse, wheel, fingers and keys. */
import { centre, fit, pan, toShares, zoomAt } from "../pure/view.js";

const STEP = 1.25;
const BY_KEY = 64;

export class Stage {
  /**
   * @param {HTMLElement} stage @param {HTMLElement} sheet
   * @param {{width: number, height: number}} picture
   * @param {(zoom: number) => void} onChange
   */
  constructor(stage, sheet, picture, onChange) {
    [this.stage, this.sheet, this.picture, this.onChange] = [stage, sheet, picture, onChange];
    this.bounds = { left: 0, top: 0, right: picture.width, bottom: picture.height };
    this.fit();
    new ResizeObserver(() => {
      if (this.fitted) this.fit();
      else this.set(pan(this.view, 0, 0, this.size(), this.picture));
    }).observe(stage);
    stage.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        const factor = Math.exp((event.deltaMode ? -event.deltaY * 16 : -event.deltaY) / 300);
        this.zoomBy(factor, this.place(event));
      },
      { passive: false },
    );
  }

  size() {
    return { width: this.stage.clientWidth, height: this.stage.clientHeight };
  }

  /** @param {import("../pure/view.js").View} view */
  set(view) {
    this.view = view;
    this.sheet.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.zoom})`;
    this.sheet.style.setProperty("--zoom", String(view.zoom));
    this.onChange(view.zoom);
  }

  fit() {
    this.fitted = true;
    const { left, top, right, bottom } = this.bounds;
    const view = fit(this.size(), { width: right - left, height: bottom - top });
    this.set({ zoom: view.zoom, x: view.x - left * view.zoom, y: view.y - top * view.zoom });
  }

  /** What is to be seen of the picture and around it. @param {import("../pure/frame.js").Box} box */
  keepInSight(box) {
    const { width, height } = this.picture;
    this.bounds = {
      left: Math.min(0, box.left),
      top: Math.min(0, box.top),
      right: Math.max(width, box.right),
      bottom: Math.max(height, box.bottom),
    };
    if (this.fitted) this.fit();
  }

  actual() {
    this.fitted = false;
    this.set(centre(this.size(), this.picture, 1));
  }

  /** @param {number} factor @param {{x: number, y: number}} [at] the middle without one */
  zoomBy(factor, at) {
    const { width, height } = this.size();
    this.fitted = false;
    const zoomed = zoomAt(this.view, factor, at ?? { x: width / 2, y: height / 2 });
    this.set(pan(zoomed, 0, 0, this.size(), this.picture));
  }

  zoomIn() {
    this.zoomBy(STEP);
  }

  zoomOut() {
    this.zoomBy(1 / STEP);
  }

  /** @param {number} across @param {number} down */
  move(across, down) {
    this.fitted = false;
    this.set(pan(this.view, across, down, this.size(), this.picture));
  }

  /** @param {number} across @param {number} down in steps */
  moveByKey(across, down) {
    this.move(-across * BY_KEY, -down * BY_KEY);
  }

  /** Where on the stage. @param {{clientX: number, clientY: number}} event */
  place({ clientX, clientY }) {
    const { left, top } = this.stage.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  }

  /** Where on the picture, in shares of its sides. @param {{clientX: number, clientY: number}} event */
  shares(event) {
    return toShares(this.view, this.place(event), this.picture);
  }

  /** Where on the stage a share of the picture lies. @param {number[]} shares */
  toStage([x, y]) {
    const { view, picture } = this;
    return {
      x: view.x + x * picture.width * view.zoom,
      y: view.y + y * picture.height * view.zoom,
    };
  }
}
