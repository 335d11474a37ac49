/**
 * The gallery goes on where its page ends: the next page's cards are fetched before the reader is
 * there. Coming back to it, as many are there as before, and the reader stands where they stood.
 */
import { append } from "./grouping.js";
import { say } from "./say.js";
import { _, fill, ngettext } from "../pure/words.js";

const AHEAD = "1000px 0px";
const PATIENCE = 15_000;
const SETTLED = 150;
const NO_ANSWER = _("The next images did not come. Check the connection and try again.");
const SIGNED_OUT = _("You are signed out. Sign in and reload this page to see the next images.");

/** @typedef {{pages: number, at?: string, top?: number, focused?: string}} Place `focused`: on what */

/**
 * @param {HTMLElement} root
 * @param {HTMLElement} days
 * @param {(cards: HTMLElement[]) => void} onCards
 */
export function prepareMore(root, days, onCards) {
  const end = /** @type {HTMLElement} */ (root.querySelector("[data-next]"));
  const skeleton = /** @type {HTMLElement} */ (end.querySelector("[data-skeleton]"));
  const trouble = /** @type {HTMLElement} */ (end.querySelector("[data-next-trouble]"));
  /** @type {HTMLElement | null} */
  const none = root.querySelector("[data-none]");
  let address = takeAddress(root);
  let pages = 0;
  /** @type {Promise<boolean> | null} */
  let loading = null;

  /** Whether more came. */
  const load = () => {
    loading ??= fetchMore().finally(() => {
      loading = null;
      skeleton.hidden = true;
      end.hidden = !address && trouble.hidden;
      // Where names are looked for, a page can have none, and the next one some.
      if (none) none.hidden = Boolean(address || days.querySelector("[data-card]"));
    });
    return loading;
  };

  async function fetchMore() {
    if (!address) return false;
    trouble.hidden = true;
    end.hidden = skeleton.hidden = false;
    try {
      const part = await fetchPart(address);
      const cards = takeCards(part, days);
      append(days, cards);
      address = takeAddress(part);
      pages += 1;
      onCards(cards);
      if (cards.length) say(nameMore(cards.length));
      return true;
    } catch (error) {
      const problem = trouble.querySelector("[data-next-problem]");
      if (problem) problem.textContent = /** @type {Error} */ (error).message;
      trouble.hidden = false;
      return false;
    }
  }

  const goOn = () => void load().then((came) => came && look());
  const watch = new IntersectionObserver(
    (seen) => {
      if (seen.some((one) => one.isIntersecting) && trouble.hidden) goOn();
    },
    { rootMargin: AHEAD },
  );
  /** What came may be less than a window: then the end is still in sight, and is seen anew. */
  function look() {
    watch.unobserve(end);
    if (address) watch.observe(end);
  }
  end.hidden = !address;
  trouble.querySelector('[data-act="more"]')?.addEventListener("click", goOn);
  void restore(root, load).then(look);
  rememberPlace(root, () => pages);
  return { look };
}

/** @param {number} count */
function nameMore(count) {
  return fill(ngettext("%(count)s image more.", "%(count)s images more.", count), { count });
}

/** The address of the page after; the way to it without scripts is taken away. */
function takeAddress(/** @type {ParentNode} */ root) {
  const nav = root.querySelector("[data-older]");
  const link = nav?.querySelector("a");
  nav?.remove();
  return link?.getAttribute("href") ?? "";
}

/** @param {string} address @returns {Promise<Document>} */
async function fetchPart(address) {
  let answer;
  try {
    answer = await fetch(`${address}&part=cards`, {
      headers: { Accept: "text/html" },
      signal: AbortSignal.timeout(PATIENCE),
    });
  } catch {
    throw new Error(NO_ANSWER);
  }
  if (answer.redirected) throw new Error(SIGNED_OUT);
  if (!answer.ok) {
    const sentence = _("The server answered with the error %(status)s. Try again.");
    throw new Error(fill(sentence, { status: answer.status }));
  }
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/** Those that the page does not have yet. @param {Document} part @param {HTMLElement} days */
function takeCards(part, days) {
  const cards = /** @type {HTMLElement[]} */ ([...part.querySelectorAll("[data-card]")]);
  const here = (/** @type {HTMLElement} */ card) =>
    days.querySelector(`[data-card][data-id="${card.dataset.id}"]`);
  return cards.filter((card) => !here(card));
}

/** @param {HTMLElement} root @param {() => number} pages */
function rememberPlace(root, pages) {
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  const write = () => {
    clearTimeout(timer);
    const card = focusedCard(root) ?? firstInSight(root);
    /** @type {Place} */
    const place = {
      pages: pages(),
      at: card?.dataset.id,
      top: card?.getBoundingClientRect().top,
      focused: card === focusedCard(root) ? nameFocus() : "",
    };
    history.replaceState({ ...history.state, gallery: place }, "");
  };
  const note = () => {
    clearTimeout(timer);
    timer = setTimeout(write, SETTLED);
  };
  addEventListener("scroll", note, { passive: true });
  root.addEventListener("focusin", note);
  // Whoever follows a link is gone before it settles.
  root.addEventListener("click", ({ target }) => {
    if (target instanceof Element && target.closest("a[href]")) write();
  });
}

/** @param {HTMLElement} root @param {() => Promise<boolean>} load */
async function restore(root, load) {
  /** @type {Place | undefined} */
  const place = history.state?.gallery;
  if (!place) return;
  if (place.pages) history.scrollRestoration = "manual"; // The page is not long enough yet.
  for (let page = 0, came = true; came && page < place.pages; page += 1) {
    came = await load();
  }
  const card = /** @type {HTMLElement | null} */ (
    root.querySelector(`[data-card][data-id="${place.at}"]`)
  );
  if (!card) return;
  if (place.focused) {
    const target = card.querySelector(`[data-${place.focused}]:not(:disabled)`);
    /** @type {HTMLElement | null} */ (target)?.focus({ preventScroll: true });
  }
  const settle = () => scrollBy(0, card.getBoundingClientRect().top - (place.top ?? 0));
  if (!place.pages) return;
  settle();
  // Cards out of sight have a guessed height until they are drawn.
  requestAnimationFrame(() => requestAnimationFrame(settle));
}

/** @param {HTMLElement} root @returns {HTMLElement | null} */
function focusedCard(root) {
  const card = document.activeElement?.closest("[data-card]") ?? null;
  return card && root.contains(card) ? /** @type {HTMLElement} */ (card) : null;
}

/** Whether the box has the focus, or else the way to the image. */
function nameFocus() {
  return document.activeElement?.matches("[data-pick]") ? "pick" : "name";
}

/** @param {HTMLElement} root @returns {HTMLElement | undefined} */
function firstInSight(root) {
  const cards = /** @type {HTMLElement[]} */ ([...root.querySelectorAll("[data-card]")]);
  return cards.find((card) => card.getBoundingClientRect().bottom > 0);
}
