import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import {
  SHORTFALLS,
  STATES,
  countImages,
  isBusy,
  joinFailures,
  shortfallOf,
  summarise,
  summariseEnd,
} from "../../static/js/pure/states.js";

const read = (path) => readFileSync(new URL(`../../templates/${path}`, import.meta.url), "utf8");

test("the server's states have the same words and icons in the templates", () => {
  const card = read("_fragments/card.html");
  for (const state of ["queued", "running", "done", "failed", "checking"]) {
    const { words, icon } = STATES[state];
    const markup = `<use href="#icon-${icon}" data-state-icon></use></svg><span data-state-words>{% translate "${words}" %}</span>`;
    assert.ok(card.includes(markup), `card.html: ${state}`);
    assert.ok(state === "checking" || read("image.html").includes(markup), `image.html: ${state}`);
  }
});

test("what is said of little or nothing has the same words and icons in the templates", () => {
  for (const { words, icon } of Object.values(SHORTFALLS)) {
    const markup = `<use href="#icon-${icon}" data-state-icon></use></svg><span data-state-words>{% translate "${words}" %}</span>`;
    for (const page of ["_fragments/card.html", "image.html"]) {
      assert.ok(read(page).includes(markup), `${page}: ${words}`);
    }
  }
});

test("little is of what is done, nothing of what failed for it", () => {
  const image = (state, little = false, code = "") => ({
    state,
    little_found: little,
    error: code ? { code } : null,
  });
  assert.equal(shortfallOf(image("done")), null);
  assert.equal(shortfallOf(image("done", true)), "little");
  assert.equal(shortfallOf(image("failed", false, "unknown_foreground")), "nothing");
  assert.equal(shortfallOf(image("failed", false, "truncated")), null);
  assert.equal(shortfallOf(image("running", true)), null);
});

test("every icon is in the sprite", () => {
  const sprite = read("_fragments/icons.html");
  for (const { icon } of [...Object.values(STATES), ...Object.values(SHORTFALLS)]) {
    assert.ok(sprite.includes(`id="icon-${icon}"`), icon);
  }
});

test("the summary counts what is sent and what is cut out", () => {
  assert.equal(summarise([]), "");
  assert.equal(summarise(["done", "failed", "rejected", "erased"]), "");
  assert.equal(summarise(["running", "done"]), "1 photo is being cut out.");
  assert.equal(summarise(["queued", "queued"]), "2 photos are in the queue.");
  assert.equal(
    summarise(["running", "queued", "queued"]),
    "1 photo is being cut out, 2 are in the queue.",
  );
  assert.equal(summarise(["sending"]), "1 photo is being sent.");
  assert.equal(
    summarise(["sending", "waiting", "pausing", "running"]),
    "3 photos are being sent, 1 is being cut out.",
  );
});

test("the end says how many are cut out and how many are not", () => {
  assert.equal(summariseEnd([]), "");
  assert.equal(summariseEnd(["erased"]), "");
  assert.equal(summariseEnd(["done"]), "1 photo is cut out.");
  assert.equal(summariseEnd(["rejected"]), "1 photo is not cut out.");
  assert.equal(
    summariseEnd(["done", "done", "failed", "rejected", "erased"]),
    "2 photos are cut out, 2 are not.",
  );
});

test("busy is what still changes by itself", () => {
  const busy = Object.keys(STATES).filter(isBusy);
  assert.deepEqual(busy, ["checking", "waiting", "sending", "pausing", "queued", "running"]);
});

test("many failures are one announcement", () => {
  assert.equal(joinFailures([]), "");
  assert.equal(joinFailures(["a.jpg: No."]), "a.jpg: No.");
  assert.equal(
    joinFailures(["a.jpg: No.", "b.jpg: No.", "c.jpg: No."]),
    "3 photos failed. a.jpg: No. The others say why on their cards.",
  );
  assert.equal(countImages(1), "1 image");
  assert.equal(countImages(4), "4 images");
});
