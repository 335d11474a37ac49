/**
 * The result, looked at: as a whole and near by, before and after, on any ground. Preview, full size
 * and original lie in one place, so that none of them moves when another takes over.
 */
import { SQUARES_FROM, Viewport } from "../pure/viewport.js";
import { prepareCompare } from "./compare.js";
import { pointOf, followPointers } from "./pointers.js";

/** What an arrow key moves, in CSS pixels. */
const KEY_STEP = 60;
/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export class Viewer {
  #view = new Viewport();
  #live = false;
  /** @type {Promise<void> | null} */
  #loading = null;

  /** @param {HTMLElement} page */
  constructor(page) {
    this.page = page;
    this.tools = /** @type {HTMLElement} */ (page.querySelector("[data-viewer-tools]"));
    this.stage = /** @type {HTMLElement} */ (page.querySelector("[data-stage]"));
    this.frame = /** @type {HTMLElement} */ (page.querySelector("[data-frame]"));
    this.compare = prepareCompare(page, this.stage);
    new ResizeObserver(() => this.#measure()).observe(this.frame);
    this.#listen();
  }

  /** Shows its tools once there is a result, and takes everything away with it. */
  refresh() {
    const done = this.page.dataset.state === "done";
    if (done === this.#live) return;
    this.#live = done;
    this.tools.hidden = !done;
    this.tools.inert = false;
    this.stage.toggleAttribute("data-viewing", done);
    if (done) {
      this.frame.tabIndex = 0;
      this.#measure();
      this.#whenIdle(() => void this.loadFull());
    } else {
      this.frame.removeAttribute("tabindex");
      this.compare.stop();
    }
  }

  /** The real size of the picture, once it is known. @param {number} width @param {number} height */
  setSize(width, height) {
    this.page.dataset.width = String(width);
    this.page.dataset.height = String(height);
    this.#measure();
  }

  /** The result at its full size takes the preview's place, once. */
  loadFull() {
    this.#loading ??= this.#load().catch(() => {
      this.#loading = null; // The preview stays; the next look asks again.
    });
    return this.#loading;
  }

  async #load() {
    const after = this.page.querySelector("[data-after]");
    const address = this.fullAddress;
    if (!after || !address) throw new Error("There is nothing to load.");
    const picture = new Image();
    picture.alt = /** @type {HTMLElement} */ (after).dataset.alt ?? "";
    picture.src = address;
    await picture.decode();
    // Erased meanwhile, or the preview is just being wiped in.
    if (this.page.dataset.state !== "done") return;
    after.replaceChildren(picture);
    this.stage.toggleAttribute("data-full", true);
    if (!Number(this.page.dataset.width)) this.setSize(picture.naturalWidth, picture.naturalHeight);
  }

  /** The address of the result itself, without what makes a download of it. */
  get fullAddress() {
    const link = this.page.querySelector('[data-link="cutout_png"][href]');
    return link?.getAttribute("href")?.replace(/\?.*$/, "") ?? "";
  }

  /** @param {() => void} act */
  #whenIdle(act) {
    const { saveData } = /** @type {any} */ (navigator).connection ?? {};
    if (saveData) return;
    const wait = () => {
      if ("requestIdleCallback" in window) requestIdleCallback(act, { timeout: 2000 });
      else setTimeout(act, 200);
    };
    // Whatever the page itself still loads goes first.
    if (document.readyState === "complete") wait();
    else addEventListener("load", wait, { once: true });
  }

  #measure() {
    const { width, height } = this.page.dataset;
    this.#view.setStage({ width: this.frame.clientWidth, height: this.frame.clientHeight });
    const size = { width: Number(width) || 4, height: Number(height) || 3 };
    const { picture } = this.#view;
    if (picture.width !== size.width || picture.height !== size.height) this.#view.setPicture(size);
    this.#show();
  }

  #show() {
    const { picture, scale, x, y, fitting } = this.#view;
    const places = { w: picture.width, h: picture.height, scale, x, y };
    for (const [name, value] of Object.entries(places)) {
      this.frame.style.setProperty(`--${name}`, String(value));
    }
    this.frame.toggleAttribute("data-zoomed", !fitting);
    this.frame.toggleAttribute("data-squares", scale > SQUARES_FROM);
    const words = this.tools.querySelector("[data-viewer-scale]");
    if (words) words.textContent = `${Math.round(scale * 100)} %`;
    if (!fitting && this.#live) void this.loadFull();
  }

  /** @param {(view: Viewport) => void} change */
  #see(change) {
    change(this.#view);
    this.#show();
  }

  #listen() {
    followPointers(this.frame, {
      take: (at, event) => this.#take(at, event),
      pan: (dx, dy) => this.#see((view) => view.panBy(dx, dy)),
      pinch: (factor, at) => this.#see((view) => view.zoomTo(view.scale * factor, at)),
      // Seen as a whole, turning back moves the page.
      wheel: (steps, at) => {
        if (!this.#live || (steps < 0 && this.#view.fitting)) return false;
        this.#see((view) => view.zoomBy(steps * 2, at));
        return true;
      },
    });
    this.frame.addEventListener("dblclick", (event) => {
      if (this.#live) this.#see((view) => swing(view, pointOf(this.frame, event)));
    });
    for (const [name, act] of Object.entries(this.#acts)) {
      this.tools.querySelector(`[data-viewer-${name}]`)?.addEventListener("click", act);
    }
    for (const place of [this.stage, this.tools]) {
      place.addEventListener("keydown", (event) => {
        if (this.#live && this.#press(event)) event.preventDefault();
      });
    }
    this.tools.addEventListener("input", () => this.#showGround());
    this.#showGround(); // A reload restores the choice.
  }

  #acts = {
    nearer: () => this.#see((view) => view.zoomBy(2)),
    farther: () => this.#see((view) => view.zoomBy(-2)),
    fit: () => this.#see((view) => view.fit()),
  };

  /** @type {Record<string, () => void>} */
  #keys = {
    "+": this.#acts.nearer,
    "=": this.#acts.nearer,
    "-": this.#acts.farther,
    0: this.#acts.fit,
    1: () => this.#see((view) => view.zoomTo(1)),
    c: () => void this.compare.toggle(),
    b: () => this.#nextGround(),
  };

  /** @param {import("./pointers.js").Point} at @param {PointerEvent} event */
  #take(at, event) {
    if (!this.#live) return undefined;
    const move = this.compare.hold(at.x, this.#view.fitting);
    if (move) return { move: (/** @type {typeof at} */ to) => move(to.x), end: () => {} };
    if (!this.#view.fitting) return null;
    // A mouse drags the picture out of the page; a finger waits for the second one.
    return event.pointerType === "touch" ? { move: () => {}, end: () => {} } : undefined;
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether the key means something here */
  #press({ key, target, ctrlKey, metaKey, altKey }) {
    // Fields and sliders have keys of their own.
    if (ctrlKey || metaKey || altKey || target instanceof HTMLInputElement) return false;
    const arrow = target === this.frame && !this.#view.fitting ? ARROWS[key] : undefined;
    const act = arrow ? () => this.#pan(arrow) : this.#keys[key];
    act?.();
    return act !== undefined;
  }

  /** @param {[number, number]} arrow */
  #pan([right, down]) {
    this.#see((view) => view.panBy(right * KEY_STEP, down * KEY_STEP));
  }

  #nextGround() {
    const grounds = /** @type {HTMLInputElement[]} */ ([
      ...this.tools.querySelectorAll('input[name="ground"]'),
    ]);
    const next = (grounds.findIndex(({ checked }) => checked) + 1) % grounds.length;
    grounds[next].checked = true;
    this.#showGround();
  }

  #showGround() {
    const chosen = this.tools.querySelector('input[name="ground"]:checked');
    const colour = this.tools.querySelector('input[type="color"]');
    this.frame.dataset.ground = chosen instanceof HTMLInputElement ? chosen.value : "checker";
    if (colour instanceof HTMLInputElement) {
      this.frame.style.setProperty("--ground", colour.value);
      colour.hidden = this.frame.dataset.ground !== "colour";
    }
  }
}

/** From the whole to the pixels under the pointer, and back. */
function swing(/** @type {Viewport} */ view, /** @type {import("./pointers.js").Point} */ at) {
  if (!view.fitting) view.fit();
  else view.zoomTo(Math.max(1, view.least * 2), at);
}
