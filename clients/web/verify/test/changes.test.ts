/** No change of a byte is believed, and no input makes the verifier throw, hang or hold much memory. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { toBase45 } from "../src/base45.js";
import { fromBase64url } from "../src/bytes.js";
import { inflate } from "../src/inflate.js";
import { verify } from "../src/index.js";
import { named } from "./vectors.js";

const NAMES = [
  "a receipt, first in the log",
  "a receipt by its block, within it",
  "a status, alone in an early state",
  "an absence where another stands",
];

for (const name of NAMES) {
  test(`every byte of ${name}, changed`, () => {
    const { evidence, anchor } = named(name);
    const compact = fromBase64url(evidence.cbor);
    const { object } = evidence.stated;
    const asked = object === undefined ? {} : { object };
    assert.ok(verify(compact, anchor, asked).holds);
    for (let place = 0; place < compact.length; place += 1) {
      // One bit and all bits; Rust's test goes through every other value.
      for (const mask of [1 << (place % 8), 0xff]) {
        const changed = compact.slice();
        changed[place] = (changed[place] ?? 0) ^ mask;
        assert.equal(verify(changed, anchor, asked).holds, false, `byte ${place}, changed by ${mask}`);
      }
    }
  });

  test(`${name}, cut anywhere`, () => {
    const { evidence, anchor } = named(name);
    const forms = [fromBase64url(evidence.cbor), new TextEncoder().encode(JSON.stringify(evidence.json))];
    for (const form of forms) {
      for (let length = 0; length < form.length; length += 1) {
        assert.equal(verify(form.subarray(0, length), anchor).holds, false, `${length} bytes`);
      }
    }
  });
}

test("what inflates to much is refused before it is much", () => {
  const { anchor } = named("a status");
  // A stored block of zeros, then a match of 258 of the byte before, many thousand times.
  const bits: number[] = [];
  const put = (value: number, count: number): void => {
    for (let index = 0; index < count; index += 1) bits.push((value >> index) & 1);
  };
  const word = (value: number, count: number): void => {
    for (let index = count - 1; index >= 0; index -= 1) bits.push((value >> index) & 1);
  };
  put(1, 1);
  put(1, 2);
  word(0x30, 8);
  for (let times = 0; times < 1000; times += 1) {
    word(0xc5, 8);
    word(0, 5);
  }
  word(0, 7);
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  bits.forEach((bit, index) => {
    bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (bit << (index & 7));
  });
  assert.equal(inflate(bytes, 2 ** 20).length, 258_001);
  assert.throws(() => inflate(bytes, 2 ** 14), /more than evidence in codes may be/);
  assert.equal(verify(`CH1:${toBase45(bytes)}`, anchor).holds, false);
});

test("any bytes give a report", () => {
  const { evidence, anchor } = named("a receipt with two signers");
  const compact = fromBase64url(evidence.cbor);
  // A linear congruential generator: the same bytes at every run.
  let state = 1;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let round = 0; round < 3000; round += 1) {
    const bytes = compact.slice(0, 2 + random(compact.length - 2));
    for (let times = 0; times < 1 + random(8); times += 1) bytes[random(bytes.length)] = random(256);
    assert.equal(verify(bytes, anchor).holds, false);
    const noise = Uint8Array.from({ length: random(300) }, () => random(256));
    assert.equal(verify(noise, anchor).holds, false);
    assert.equal(verify(`CH1:${toBase45(noise)}`, anchor).holds, false);
  }
  for (const text of ["", "[".repeat(100_000), `{"entry":${"[".repeat(100_000)}`, "CH1:", "CH1-1/2:", "CH1-1/1:", "\u{1f600}"]) {
    assert.equal(verify(text, anchor).holds, false);
  }
});
