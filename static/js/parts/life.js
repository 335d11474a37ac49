/** How long the photos that are dropped now are to stay: the choice beside the place for them. */
import { offerLife } from "./clock.js";

/** @returns {() => string} what is chosen at that moment; "" is the usual life */
export function prepareLife() {
  const select = /** @type {HTMLSelectElement | null} */ (document.querySelector("[data-life]"));
  select?.addEventListener("change", () => {
    const seconds = Number(select.selectedOptions[0]?.dataset.seconds ?? 0);
    offerLife(seconds ? seconds * 1000 : null);
  });
  return () => select?.value ?? "";
}
