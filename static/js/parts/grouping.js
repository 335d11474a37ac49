/** The gallery's days are the reader's days: the server grouped by its own. */
import { groupByDay } from "../pure/days.js";
import { now } from "./clock.js";

/** @param {HTMLElement} root holds one `[data-day]` section per day */
export function regroup(root) {
  const cards = /** @type {HTMLElement[]} */ ([...root.querySelectorAll("[data-card]")]);
  const entries = cards.map((item) => ({ item, moment: new Date(item.dataset.received ?? "") }));
  const days = groupByDay(entries, now());
  const sections = /** @type {HTMLElement[]} */ ([...root.querySelectorAll("[data-day]")]);
  days.forEach((day, index) => {
    const section = sections[index] ?? addSection(root, sections[0]);
    fill(section, day);
  });
  for (const spare of sections.slice(days.length)) spare.remove();
}

/** @param {HTMLElement} root @param {HTMLElement} model */
function addSection(root, model) {
  const section = /** @type {HTMLElement} */ (model.cloneNode(true));
  section.querySelector("ul")?.replaceChildren();
  root.append(section);
  return section;
}

/**
 * @param {HTMLElement} section
 * @param {{key: string, title: string, items: HTMLElement[]}} day
 */
function fill(section, { key, title, items }) {
  const [heading, list] = [section.querySelector("h2"), section.querySelector("ul")];
  section.dataset.day = key;
  section.setAttribute("aria-labelledby", `day-${key}`);
  if (heading) Object.assign(heading, { id: `day-${key}`, textContent: title });
  // Cards that stand where they belong are left alone: nothing is loaded or laid out again.
  const same = list?.children.length === items.length && items.every((each) => list.contains(each));
  if (!same) list?.append(...items);
}

/**
 * More cards, older than all that are there, from a document of their own.
 * @param {HTMLElement} root
 * @param {HTMLElement[]} cards
 */
export function append(root, cards) {
  const model = /** @type {HTMLElement} */ (cards[0]?.closest("[data-day]"));
  const entries = cards.map((item) => ({ item, moment: new Date(item.dataset.received ?? "") }));
  for (const day of groupByDay(entries, now())) {
    const sections = /** @type {HTMLElement[]} */ ([...root.querySelectorAll("[data-day]")]);
    const last = sections.at(-1);
    if (last?.dataset.day === day.key) last.querySelector("ul")?.append(...day.items);
    else fill(addSection(root, model), day);
  }
}

/** Days without cards go. @param {HTMLElement} root */
export function dropEmptyDays(root) {
  for (const section of root.querySelectorAll("[data-day]")) {
    if (!section.querySelector("[data-card]")) section.remove();
  }
}
