/** Where the focus goes when the thing that had it goes away. */

/**
 * To the name of a card, or to the card itself while its name leads nowhere.
 * @param {HTMLElement} card
 */
export function focusCard(card) {
  const name = /** @type {HTMLElement | null} */ (card.querySelector("[data-name][href]"));
  if (!name) card.tabIndex = -1;
  (name ?? card).focus();
}
