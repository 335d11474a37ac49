/** Which model the photos that are dropped now are to be cut out with: the choice below the place. */

/** Whether there is more than one. */
export const isModelAChoice = () => document.querySelector("[data-model]") !== null;

/** @returns {() => string} what is chosen at that moment; "" is the site's own */
export function prepareModel() {
  return () => {
    const chosen = document.querySelector("[data-model] input:checked");
    return chosen instanceof HTMLInputElement ? chosen.value : "";
  };
}
