/** Small menus (`<details data-menu>`): one open at a time, closed by Escape or a press elsewhere. */
export function listenForMenus() {
  addEventListener("click", ({ target }) => closeMenus(target));
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details[data-menu][open]");
    if (!open) return;
    closeMenus(null);
    open.querySelector("summary")?.focus();
  });
}

/** @param {EventTarget | null} target a press inside an open menu's own summary leaves it be */
function closeMenus(target) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    const onSummary = target instanceof Node && menu.querySelector("summary")?.contains(target);
    if (!onSummary) menu.removeAttribute("open");
  }
}
