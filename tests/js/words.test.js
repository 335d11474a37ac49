import assert from "node:assert/strict";
import test, { afterEach } from "node:test";
import { _, fill, inPageLanguage, language, ngettext } from "../../static/js/pure/words.js";
import { speakEnglish, speakGerman } from "./catalog.js";

afterEach(speakEnglish);

test("without a catalog the sentences are those of the code", () => {
  assert.equal(_("Being sent"), "Being sent");
  assert.deepEqual(
    [0, 1, 2].map((count) => ngettext("one", "many", count)),
    ["many", "one", "many"],
  );
  assert.equal(language(), "en");
  assert.deepEqual(inPageLanguage(), { "X-Page-Language": "en" });
});

test("with a catalog they are its own", () => {
  speakGerman({ Erased: "Gelöscht", "a day": ["ein Tag", "Tage"] });
  assert.equal(_("Erased"), "Gelöscht");
  assert.equal(ngettext("a day", "days", 1), "ein Tag");
  assert.equal(ngettext("a day", "days", 2), "Tage");
  assert.equal(language(), "de");
  assert.deepEqual(inPageLanguage(), { "X-Page-Language": "de" });
});

test("what the catalog lacks stays English, names of objects' own properties too", () => {
  speakGerman({});
  assert.equal(_("not in it"), "not in it");
  assert.equal(_("constructor"), "constructor");
  assert.equal(ngettext("toString", "many", 2), "many");
});

test("values stand in any order, often, and mean nothing but themselves", () => {
  const values = { day: "$& %(clock)s", clock: 0 };
  assert.equal(fill("%(clock)s, %(day)s, %(clock)s", values), "0, $& %(clock)s, 0");
  assert.equal(fill("%(other)s 100 % %s", values), "%(other)s 100 % %s");
});
