/**
 * A page that the browser kept as it was and shows again after "Back" can tell of photos that have
 * been erased, or of an account that has been signed out: it is asked for anew.
 * @param {() => boolean} [isFree] whether nothing on the page would be lost
 */
export function reloadWhenRestored(isFree = () => true) {
  addEventListener("pageshow", (event) => {
    if (event.persisted && isFree()) location.reload();
  });
}
