/** The examples of RFC 9285. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase45, toBase45 } from "../src/base45.js";
import { ascii } from "../src/bytes.js";

test("the examples of RFC 9285 hold", () => {
  const examples = [["AB", "BB8"], ["Hello!!", "%69 VD92EX0"], ["base-45", "UJCLQE7W581"], ["ietf!", "QED8WEX0"]] as const;
  for (const [text, coded] of examples) {
    assert.equal(toBase45(ascii(text)), coded);
    assert.deepEqual(fromBase45(coded), ascii(text));
  }
  assert.deepEqual(fromBase45("FGW"), Uint8Array.of(255, 255));
  for (const wrong of ["GGW", "ZZ", "A", "ABCD", "bb8", "BB=", "\u00e91"]) assert.throws(() => fromBase45(wrong), wrong);
});
