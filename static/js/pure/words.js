/**
 * Sentences in the reader's language. `static/words/<language>.js`, which `make messages` writes,
 * runs before the modules and leaves its catalog in `siteWords`; English needs none.
 *
 * Give `_` and `ngettext` a sentence whole, as it is written out, and `fill` its values, and never
 * make one of parts: `make messages` reads it from the call.
 */

/** @typedef {{language: string, words: Record<string, string | string[]>}} Catalog */

/** @returns {Catalog | undefined} */
const catalog = () => /** @type {any} */ (globalThis).siteWords;

/** @param {string} text */
export function _(text) {
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
