import assert from "node:assert/strict";
import { createHash, webcrypto } from "node:crypto";
import test from "node:test";
import { chooseHash, hashOf, kindOf, nameTicket, toHex } from "../../static/js/pure/ticket.js";

test("the SHA-256 is the one that everybody computes", async () => {
  for (const size of [0, 1, 64, 100_000]) {
    const content = new Uint8Array(size).map((_, place) => (place * 31) % 256);
    const expected = createHash("sha256").update(content).digest("hex");
    assert.equal(await hashOf(content.buffer, webcrypto.subtle), expected);
  }
});

test("a browser that cannot compute it says nothing instead of something wrong", async () => {
  assert.equal(await hashOf(new ArrayBuffer(3), undefined), "");
});

test("every byte has two digits", () => {
  assert.equal(toHex(new Uint8Array([0, 9, 16, 255]).buffer), "000910ff");
});

test("a file says itself what it is", () => {
  assert.equal(kindOf('{"type": "receipt"}'), "receipt");
  assert.equal(kindOf('{"type": "ticket"}'), "ticket");
  for (const other of ["", "{", "null", "7", '"receipt"', '{"type": "head"}', '{"type": 1}']) {
    assert.equal(kindOf(other), "");
  }
});

test("a ticket is named after the photo", () => {
  assert.equal(nameTicket("cup.jpg"), "cup-claim-ticket.json");
  assert.equal(nameTicket("cup.of.tea.jpg"), "cup.of.tea-claim-ticket.json");
  assert.equal(nameTicket("cup"), "cup-claim-ticket.json");
  assert.equal(nameTicket(".hidden"), ".hidden-claim-ticket.json");
  assert.equal(nameTicket(""), "photo-claim-ticket.json");
});

test("a ticket is for the file as it is, or as it was sent", () => {
  const hashes = { own: "aa", sent: "bb" };
  assert.equal(chooseHash(hashes, '{"sha256": "bb"}'), "sent");
  assert.equal(chooseHash({ own: "bb", sent: "bb" }, '{"sha256": "bb"}'), "own");
  for (const other of ['{"sha256": "aa"}', '{"sha256": "cc"}', "null", "{", "", "7"]) {
    assert.equal(chooseHash(hashes, other), "own");
  }
});
