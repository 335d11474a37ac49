/** The page of a link: true about its time, gone when the link is, downloads without leaving it. */
import { nameDownloads, nameLinkLeft, pauseBefore, readStatus } from "./pure/linkend.js";
import { inPageLanguage } from "./pure/words.js";
import { reloadWhenRestored } from "./parts/restored.js";
import { _ } from "./pure/words.js";

const TOLERANCE = 30_000; // A reader's clock this much off is corrected.
const page = /** @type {HTMLElement} */ (document.querySelector("[data-shared]"));
const form = /** @type {HTMLFormElement} */ (page.querySelector("[data-take]"));
const off = Date.parse(page.dataset.serverTime ?? "") - Date.now();
const skew = Math.abs(off) > TOLERANCE ? off : 0;

let ends = Date.parse(page.dataset.ends ?? "");
let failures = 0;
let over = false;
/** @type {ReturnType<typeof setTimeout>} */
let timer;

const left = () => ends - Date.now() - skew;

/** Nothing of the images stays on the page, or in what the browser can go back to. */
function showGone() {
  if (over) return;
  over = true;
  clearTimeout(timer);
  const gone = /** @type {HTMLTemplateElement} */ (document.querySelector("[data-gone]"));
  for (const picture of page.querySelectorAll("img")) picture.removeAttribute("src");
  page.replaceWith(gone.content.cloneNode(true));
  document.title = _("These images no longer exist");
  const title = /** @type {HTMLElement | null} */ (document.querySelector("h1"));
  title?.focus();
}

function showLeft() {
  const time = page.querySelector("[data-left]");
  const words = nameLinkLeft(left());
  if (time && time.textContent !== words) time.textContent = words;
}

/** @param {{ends_at: string, places: number[]}} answer */
function show(answer) {
  ends = Date.parse(answer.ends_at);
  for (const image of page.querySelectorAll("[data-place]")) {
    const place = Number(/** @type {HTMLElement} */ (image).dataset.place);
    if (!answer.places.includes(place)) image.remove();
  }
}

async function look() {
  if (over) return;
  if (left() <= 0) {
    showGone();
    return;
  }
  try {
    const response = await fetch(page.dataset.stateUrl ?? "", {
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(15_000),
    });
    const found = readStatus(response.status);
    if (found === "gone") showGone();
    else if (found === "locked") location.reload();
    else if (found === "open") show(await response.json());
    failures = found === "unknown" ? failures + 1 : 0;
  } catch {
    failures += 1;
  }
  plan();
}

function plan() {
  clearTimeout(timer);
  // A page that nobody looks at asks when it is looked at again; its time is up all the same.
  if (!over) timer = setTimeout(look, document.hidden ? left() : pauseBefore(left(), failures));
}

/** @param {string} selector @param {string} words */
function write(selector, words) {
  const region = page.querySelector(selector);
  if (region) region.textContent = words;
}

/** @param {HTMLButtonElement} button */
async function take(button) {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form, button)) body.append(name, String(value));
  button.setAttribute("aria-disabled", "true");
  write("[data-wrong]", "");
  write("[data-said]", _("The file is being made…"));
  try {
    const headers = { Accept: "application/json", ...inPageLanguage() };
    const response = await fetch(form.action, { method: "POST", body, headers });
    const answer = await response.json();
    write("[data-said]", "");
    if (response.ok) {
      write("[data-said]", _("The download begins."));
      countDown();
      location.assign(answer.url);
    } else if (readStatus(response.status) === "gone") showGone();
    else write("[data-wrong]", answer.error.message);
  } catch {
    write("[data-said]", "");
    write("[data-wrong]", _("The server did not answer. Check the connection and try again."));
  }
  button.removeAttribute("aria-disabled");
}

function countDown() {
  const counter = /** @type {HTMLElement | null} */ (page.querySelector("[data-downloads]"));
  if (!counter) return;
  const fewer = Math.max(0, Number(counter.dataset.downloads) - 1);
  counter.dataset.downloads = String(fewer);
  counter.textContent = nameDownloads(fewer);
}

form.addEventListener("submit", (event) => {
  const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
  if (!button) return;
  event.preventDefault();
  if (!button.hasAttribute("aria-disabled")) void take(button);
});
document.addEventListener("visibilitychange", () => (document.hidden ? plan() : void look()));
reloadWhenRestored();
setInterval(showLeft, 1000);
showLeft();
plan();
