/**
 * Keys of the editor. Single letters count only while the picture or the brush bar has the focus, so
 * that nobody who writes or speaks elsewhere sets them off.
 */

/** @typedef {Record<string, () => void>} Acts */

const ARROWS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/**
 * @param {HTMLElement[]} places
 * @param {Acts} acts by key, as `event.key` names it
 * @param {(across: number, down: number, event: KeyboardEvent) => void} move with arrows, on the first place
 */
export function listenForKeys(places, acts, move) {
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const name = `Ctrl+${event.shiftKey ? "Shift+" : ""}${event.key.toLowerCase()}`;
    // A field's own undo is its own.
    const field = /** @type {HTMLElement} */ (event.target).closest(
      "input:not([type=range]):not([type=radio]):not([type=checkbox])",
    );
    if (acts[name] && !(field && name !== "Ctrl+s")) run(event, acts[name]);
  });
  for (const place of places) {
    place.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey) return;
      const step = ARROWS[/** @type {keyof typeof ARROWS} */ (event.key)];
      if (step && place === places[0]) run(event, () => move(step[0], step[1], event));
      const own = event.key === "Enter" || event.key === "Escape" || event.key === " ";
      if (own && place !== places[0]) return;
      const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (act) run(event, act);
    });
  }
}

/** @param {KeyboardEvent} event @param {() => void} act */
function run(event, act) {
  event.preventDefault();
  act();
}
