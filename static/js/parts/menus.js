/** Small menus (`<details data-menu>`): one open at a time, closed by Escape or a press elsewhere. */
export function listenForMenus() {
  addEventListener("click", ({ target }) => closeMenus(target));
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeMenus(null);
  });
}

/** A press on what is filled in ends nothing. @param {Element} target */
function stays(target) {
  return target.closest("input, label, [data-stays]") !== null;
}

/** @param {EventTarget | null} target a press inside an open menu's own summary leaves it be */
function closeMenus(target) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    const summary = menu.querySelector("summary");
    if (target instanceof Node && summary?.contains(target)) continue;
    if (target instanceof Element && menu.contains(target) && stays(target)) continue;
    // What is inside cannot keep the focus.
    if (menu.contains(document.activeElement)) summary?.focus();
    menu.removeAttribute("open");
  }
}
