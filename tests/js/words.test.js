import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import {
  _,
  fill,
  gettext,
  inPageLanguage,
  language,
  ngettext,
  pgettext,
} from "../../static/js/pure/words.js";

/** @param {Record<string, string | string[]>} words */
function speakGerman(words) {
  /** @type {any} */ (globalThis).siteWords = { language: "de", words };
}

afterEach(() => {
  delete (/** @type {any} */ (globalThis).siteWords);
});

test("without a catalog the text itself is said", () => {
  assert.equal(gettext("Erase"), "Erase");
  assert.equal(pgettext("a brush", "Erase"), "Erase");
  assert.equal(ngettext("%(n)s image", "%(n)s images", 1), "%(n)s image");
  assert.equal(ngettext("%(n)s image", "%(n)s images", 0), "%(n)s images");
  assert.equal(language(), "en");
  assert.deepEqual(inPageLanguage(), { "X-Page-Language": "en" });
});

test("with one, its translation is, by number and by context", () => {
  speakGerman({
    Erase: "Löschen",
    "a brush\u0004Erase": "Radieren",
    "%(n)s image": ["%(n)s Bild", "%(n)s Bilder"],
  });
  assert.equal(_("Erase"), "Löschen");
  assert.equal(pgettext("a brush", "Erase"), "Radieren");
  assert.equal(fill(ngettext("%(n)s image", "%(n)s images", 1), { n: 1 }), "1 Bild");
  assert.equal(fill(ngettext("%(n)s image", "%(n)s images", 2), { n: 2 }), "2 Bilder");
  assert.equal(language(), "de");
  assert.deepEqual(inPageLanguage(), { "X-Page-Language": "de" });
});

test("what the catalog lacks stays English, names of objects' own properties too", () => {
  speakGerman({});
  assert.equal(gettext("Erase"), "Erase");
  assert.equal(gettext("constructor"), "constructor");
  assert.equal(ngettext("toString", "many", 2), "many");
});

test("values go where they are named, whatever they look like, and others stay", () => {
  const values = { name: "$& %(size)s", size: 3 };
  assert.equal(fill("%(name)s: %(size)s of %(all)s", values), "$& %(size)s: 3 of %(all)s");
});
