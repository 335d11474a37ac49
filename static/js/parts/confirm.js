/**
 * Asks once before something is destroyed.
 * @param {HTMLDialogElement} dialog
 * @param {{title: string, act: string}} words
 * @returns {Promise<boolean>}
 */
export function confirmErase(dialog, { title, act }) {
  const heading = dialog.querySelector("[data-confirm-title]");
  const button = dialog.querySelector("[data-confirm-erase]");
  if (heading) heading.textContent = title;
  if (button) button.textContent = act;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "erase"), { once: true });
  });
}
