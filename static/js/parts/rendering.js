/** The download menus of an image: how large the chosen file is, as soon as the server knows. */
import { nameBytes } from "../pure/bytes.js";
import { askRendering, lookAtRendering } from "./api.js";
import { _ } from "../pure/words.js";

/** Before the server is asked for what is chosen: a choice of two things is one question. */
const PAUSE = 350;
const [FIRST_LOOK, LONGEST_PAUSE, PATIENCE] = [250, 2000, 60_000];
const LATE = _("Its size is not known yet.");

/** @param {HTMLElement} page */
export function prepareRenderings(page) {
  for (const form of page.querySelectorAll("[data-render]")) {
    if (form instanceof HTMLFormElement) prepareForm(page, form);
  }
}

/** @param {HTMLElement} page @param {HTMLFormElement} form */
function prepareForm(page, form) {
  let asked = new AbortController();
  const size = form.querySelector("[data-render-size]");
  const tell = (/** @type {string} */ words) => {
    if (size) size.textContent = words;
  };
  form.addEventListener("change", async () => {
    asked.abort();
    asked = new AbortController();
    const { signal } = asked;
    showRule(form);
    tell("");
    await pause(PAUSE);
    if (signal.aborted || page.dataset.state !== "done") return;
    tell(_("Its size is being found out."));
    const words = await findSize(form, signal).catch((refusal) => refusal.message);
    if (!signal.aborted && page.dataset.state === "done") tell(words);
  });
  showRule(form);
}

/** What the place that is chosen asks for. @param {HTMLFormElement} form */
function showRule(form) {
  const rule = form.querySelector("[data-render-rule]");
  const select = form.querySelector("select[name=preset]");
  if (!rule || !(select instanceof HTMLSelectElement)) return;
  rule.textContent = select.selectedOptions[0]?.dataset.rule ?? "";
}

/** @param {HTMLFormElement} form @param {AbortSignal} signal @returns {Promise<string>} */
async function findSize(form, signal) {
  const wanted = new URLSearchParams();
  for (const [name, value] of new FormData(form)) wanted.append(name, String(value));
  let found = await askRendering(form.action, wanted);
  const until = performance.now() + PATIENCE;
  for (let wait = FIRST_LOOK; found.state !== "done"; wait = Math.min(wait * 1.5, LONGEST_PAUSE)) {
    if (found.error) return found.error.message;
    if (signal.aborted || performance.now() > until) return LATE;
    await pause(wait);
    found = await lookAtRendering(found.status);
  }
  return found.size === null ? LATE : nameBytes(found.size);
}

/** @param {number} ms @returns {Promise<void>} */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
