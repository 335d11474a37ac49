/**
 * The switch "AI Training Data": turning it on asks on the spot, with the exact wording. Without this the same question is
 * a page of its own.
 */
export function askOnTheSpot() {
  const form = document.querySelector("[data-training-ask]");
  const dialog = /** @type {HTMLDialogElement | null} */ (
    document.querySelector("[data-training-dialog]")
  );
  if (!form || !dialog?.showModal) return;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    dialog.showModal();
  });
  dialog.querySelector("[data-training-leave]")?.addEventListener("click", () => dialog.close());
}
