/**
 * Sentences in the reader's language. `static/words/<language>.js`, which `make messages` writes,
 * runs before the modules and leaves its catalog in `siteWords`; English needs none.
 *
 * Take a sentence whole, and never make its text of parts: `make messages` reads it from the call.
 * At call time, not in a module's first lines, so that tests can change the language.
 */

/** @typedef {{language: string, words: Record<string, string | string[]>}} Catalog */

/** @returns {Catalog | undefined} */
const catalog = () => /** @type {any} */ (globalThis).siteWords;

/** @param {string} text */
export function gettext(text) {
  const found = catalog()?.words[text];
  return typeof found === "string" ? found : text;
}

/**
 * English and German have the same two forms: one, and all others.
 * @param {string} one
 * @param {string} many
 * @param {number} count
 */
export function ngettext(one, many, count) {
  const place = count === 1 ? 0 : 1;
  const found = catalog()?.words[one];
  return Array.isArray(found) ? found[place] : [one, many][place];
}

/**
 * One English word that is two in another language, told apart by `context`.
 * @param {string} context
 * @param {string} text
 */
export function pgettext(context, text) {
  const found = catalog()?.words[`${context}\u0004${text}`];
  return typeof found === "string" ? found : text;
}

/**
 * Puts values where a sentence has `%(name)s`.
 * @param {string} sentence
 * @param {Record<string, string | number>} values
 */
export function fill(sentence, values) {
  return sentence.replace(/%\((\w+)\)s/g, (place, name) => String(values[name] ?? place));
}

/** The language of the page: for `Intl`, and for `lang`. */
export const language = () => catalog()?.language ?? "en";

/** What a request for JSON says whose sentences the page will show. @returns {Record<string, string>} */
export const inPageLanguage = () => ({ "X-Page-Language": language() });

export { gettext as _ };
