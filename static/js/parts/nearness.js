/** Work on a card that waits until the card is about to be seen: of hundreds most are far away. */

/** Screens above and below the one that is seen. */
const MARGIN = "100% 0px";

/** @type {Map<Element, () => void>} */
const waiting = new Map();
/** @type {IntersectionObserver | undefined} */
let observer;

/**
 * Once; what waited for the same card before is forgotten.
 * @param {Element} element
 * @param {() => void} run
 */
export function whenNear(element, run) {
  observer ??= new IntersectionObserver(look, { rootMargin: MARGIN });
  waiting.set(element, run);
  // Observed anew, it is told of at once.
  observer.unobserve(element);
  observer.observe(element);
}

/** @param {IntersectionObserverEntry[]} entries */
function look(entries) {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting && target.isConnected) continue;
    observer?.unobserve(target);
    const run = waiting.get(target);
    waiting.delete(target);
    if (target.isConnected) run?.();
  }
}
