/** The row of versions, kept true to what the server says. */
import { _, fill } from "../pure/words.js";

/** @param {HTMLElement} editor @param {import("./saving.js").State} state */
export function showVersions(editor, state) {
  const list = /** @type {HTMLElement} */ (editor.querySelector("[data-versions]"));
  const template = /** @type {HTMLTemplateElement} */ (
    editor.querySelector("[data-version-template]")
  );
  for (const version of state.versions) {
    let item = /** @type {HTMLElement | null} */ (
      list.querySelector(`[data-version="${version.number}"]`)
    );
    if (!item) {
      const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
      item = /** @type {HTMLElement} */ (copy.firstElementChild);
      item.dataset.version = String(version.number);
      list.append(copy);
      item.scrollIntoView({ block: "nearest", inline: "end" });
    }
    show(item, version, state.head);
  }
}

/**
 * @param {HTMLElement} item @param {import("./saving.js").Version} version @param {number} head
 */
function show(item, version, head) {
  const find = (/** @type {string} */ name) =>
    /** @type {HTMLElement} */ (item.querySelector(`[data-${name}]`));
  const { number, state, links } = version;
  item.querySelector("form")?.setAttribute("action", links.self);
  find("version-name").textContent = number
    ? fill(_("Version %(number)s"), { number })
    : _("As cut out");
  find("version-state").textContent = nameState(state, number === head);
  /** @type {HTMLButtonElement} */ (find("choose")).disabled = state !== "done";
  const picture = /** @type {HTMLImageElement} */ (find("version-picture"));
  picture.hidden = !links.thumbnail;
  if (links.thumbnail && picture.getAttribute("src") !== links.thumbnail) {
    picture.src = links.thumbnail;
  }
  if (number === head) item.setAttribute("aria-current", "true");
  else item.removeAttribute("aria-current");
}

/** @param {string} state @param {boolean} shown */
function nameState(state, shown) {
  if (state === "failed") return _("Not made");
  if (state !== "done") return _("Being made");
  return shown ? _("Shown") : "";
}
