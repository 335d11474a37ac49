import assert from "node:assert/strict";
import test, { afterEach } from "node:test";
import { nameBytes } from "../../static/js/pure/bytes.js";
import { check } from "../../static/js/pure/check.js";
import { nameDay, nameDeadline, nameLeft, nameMoment } from "../../static/js/pure/countdown.js";
import { nameNumber } from "../../static/js/pure/numbers.js";
import { countImages, summarise, summariseEnd } from "../../static/js/pure/states.js";
import { nameProgress } from "../../static/js/pure/tally.js";
import { speakEnglish, speakGerman } from "./catalog.js";

afterEach(speakEnglish);

test("English numbers are written as they always were", () => {
  for (let size = 999_500; size < 2e9; size = Math.ceil(size * 1.0173)) {
    assert.equal(nameBytes(size), `${(size / 1e6).toFixed(1)} MB`);
  }
  for (const number of [0, 1.15, 12_345, 0.0123, 31.5]) {
    assert.equal(nameNumber(number), String(number));
  }
});

test("German numbers have a comma", () => {
  speakGerman({ "%(size)s byte": ["%(size)s Byte", "%(size)s Byte"] });
  assert.equal(nameBytes(1_150_000), "1,1 MB");
  assert.equal(nameBytes(1_234_000_000), "1234,0 MB");
  assert.equal(nameBytes(340_000), "340 kB");
  assert.equal(nameBytes(12), "12 Byte");
  const header = { width: 2, height: 2, error: null };
  const { message } = check(9e7, header, { max_bytes: 31_457_280, max_pixels: 10 });
  assert.match(message, /31,5 MB/);
});

test("German moments have their own order, and German months", () => {
  speakGerman({
    today: "heute",
    "%(day)s at %(clock)s": "%(day)s um %(clock)s Uhr",
    "%(clock)s on %(day)s": "%(day)s um %(clock)s Uhr",
    "%(clock)s %(day)s": "%(day)s um %(clock)s Uhr",
  });
  const now = new Date("2026-03-03T10:00:00Z");
  const later = new Date("2026-03-03T14:05:00Z");
  const far = new Date("2026-03-09T00:00:00Z");
  assert.equal(nameMoment(later, now, "UTC"), "heute um 14:05 Uhr");
  assert.equal(nameDeadline(later, now, "UTC"), "heute um 14:05 Uhr");
  assert.equal(nameDeadline(far, now, "UTC"), "9. März um 00:00 Uhr");
  assert.equal(nameDay(far, now, "UTC"), "9. März");
  speakEnglish();
  assert.equal(nameDay(far, now, "UTC"), "9 March");
});

test("German counts down with the verb at the end", () => {
  speakGerman({
    "Erased in %(span)s": "Wird in %(span)s gelöscht",
    "%(hours)s h %(minutes)s min": "%(hours)s Std. %(minutes)s Min.",
  });
  assert.equal(nameLeft((3 * 60 + 12) * 60_000), "Wird in 3 Std. 12 Min. gelöscht");
});

test("German sums up in clauses of its own", () => {
  speakGerman({
    "%(count)s photo is being sent": ["%(count)s Foto wird gesendet", "%(count)s Fotos werden …"],
    "%(count)s is being cut out": ["%(count)s wird freigestellt", "%(count)s werden freigestellt"],
    "%(count)s photo is cut out": ["%(count)s Foto ist frei", "%(count)s Fotos sind frei"],
    "%(count)s is not": ["%(count)s nicht", "%(count)s nicht"],
    "%(count)s image": ["%(count)s Bild", "%(count)s Bilder"],
    "%(sent)s of %(total)s photo sent, %(bad)s failed": [
      "",
      "%(bad)s von %(total)s fehlgeschlagen, %(sent)s gesendet",
    ],
  });
  const states = ["sending", "running", "running"];
  assert.equal(summarise(states), "1 Foto wird gesendet, 2 werden freigestellt.");
  assert.equal(summariseEnd(["done", "done", "failed"]), "2 Fotos sind frei, 1 nicht.");
  assert.equal(countImages(1), "1 Bild");
  assert.equal(
    nameProgress({ total: 5, open: 2, sent: 1, failed: 1, refused: 1 }),
    "2 von 5 fehlgeschlagen, 1 gesendet",
  );
});
