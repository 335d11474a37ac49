/**
 * Sentences in the language of the page. Django's JavaScript catalog, a classic script that runs
 * before the modules, leaves them in `django`. English pages and node have none: the sentences are
 * what stands in the code.
 *
 * `makemessages -d djangojs` finds them in the calls: give `_` and `ngettext` a sentence as it is
 * written out, whole, and `fill` its values. Never make a sentence of parts.
 */

/** Other scripts keep other things there. @returns {Record<string, any> | undefined} */
const catalog = () => /** @type {any} */ (globalThis).django;

/** @param {string} text @returns {string} */
export function _(text) {
  return catalog()?.gettext?.(text) ?? text;
}

/**
 * @param {string} one
 * @param {string} many
 * @param {number} count
 * @returns {string}
 */
export function ngettext(one, many, count) {
  return catalog()?.ngettext?.(one, many, count) ?? (count === 1 ? one : many);
}

/**
 * Values in the places of a sentence, `%(name)s`. What a value holds is not looked at again.
 * @param {string} sentence
 * @param {Record<string, string | number>} values
 */
export function fill(sentence, values) {
  return sentence.replace(/%\((\w+)\)s/g, (place, name) => String(values[name] ?? place));
}

/** The language of the page, for `Intl`. @returns {string} */
export function language() {
  return /** @type {any} */ (globalThis).document?.documentElement.lang || "en";
}
