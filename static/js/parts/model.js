/** Which model the photos that are dropped now are to be cut out with: the choice below the place. */

/** @returns {() => string} what is chosen at that moment; "" is the site's own */
export function prepareModel() {
  return () => {
    const chosen = document.querySelector("[data-model] input:checked");
    return chosen instanceof HTMLInputElement ? chosen.value : "";
  };
}
