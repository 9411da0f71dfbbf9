/** Work: the good vectors hold and say how much of it there is; the published vectors of ASERT hold. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { follow, readAnchor, Refused, verify } from "../src/index.js";
import { hashesFor, targetAfter } from "../src/work.js";
import { formsOf, named, worked } from "./vectors.js";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

test("evidence of work holds by the same function as a pool's, and says how much work there is", () => {
  const { cases, anchor } = worked();
  assert.equal(cases.length, 10);
  for (const it of cases) {
    for (const form of formsOf(it)) {
      const report = verify(form, anchor(it.anchor));
      assert.ok(report.holds, `${it.name}: ${JSON.stringify(report.checks)}`);
      const { confirmations, finalDepth, work } = report.work ?? {};
      assert.deepEqual({ confirmations, final_depth: finalDepth, work }, it.stated.work, it.name);
      assert.equal(report.asOf?.height, it.stated.height, it.name);
      const following = report.checks.find(({ name }) => name === "confirmations");
      assert.equal(following?.result, confirmations === 0 ? "not made" : "passed", it.name);
    }
  }
  const ofPool = verify(JSON.stringify(named("a receipt, first in the log").evidence.json), named("a receipt, first in the log").anchor);
  assert.equal(ofPool.work, undefined);
  assert.ok(ofPool.holds && ofPool.checks.every(({ name }) => name !== "confirmations"));
});

test("no pool follows another where work seals", () => {
  const { cases, anchor } = worked();
  for (const it of cases) {
    const bytes = utf8(JSON.stringify(it.json));
    assert.throws(() => follow(anchor(it.anchor), bytes), (error) => error instanceof Refused && error.check === "seal");
  }
});

test("a genesis states rules of work that can be, and nothing else", () => {
  const text = anchorText(worked().cases[0]?.anchor ?? "");
  assert.equal(readAnchor(utf8(text)).work?.finalDepth, 3);
  assert.equal(readAnchor(utf8(text)).terms.length, 0);
  const wrong: Array<[string, string | RegExp, string]> = [
    ["a first target easier than the easiest", /"first_target": "00/, '"first_target": "02'],
    ["a spacing under 10 ms", '"spacing_ms": 1000', '"spacing_ms": 9'],
    ["a half life under the spacing", '"half_life_ms": 4000', '"half_life_ms": 999'],
    ["a half life over a year", '"half_life_ms": 4000', '"half_life_ms": 31622400001'],
    ["no depth", '"final_depth": 3', '"final_depth": 0'],
    ["a depth of 129", '"final_depth": 3', '"final_depth": 129'],
    ["a member more", '"final_depth": 3', '"final_depth": 3, "pace": 1'],
    ["a pool besides", '"work": {', '"pool": {"validators": []}, "work": {'],
  ];
  for (const [what, from, to] of wrong) {
    const changed = text.replace(from, to);
    assert.notEqual(changed, text, what);
    assert.throws(() => readAnchor(utf8(changed)), (error) => error instanceof Refused && error.check === "form", what);
  }
});

function anchorText(ledger: string): string {
  const file = new URL("../../../../../tests/vectors/evidence/work.json", import.meta.url);
  const { anchors } = JSON.parse(readFileSync(fileURLToPath(file), "utf8")) as { anchors: Record<string, string> };
  return anchors[ledger] ?? "";
}

test("a target stands for 2^256 over itself and one", () => {
  assert.equal(hashesFor(2n ** 256n - 1n), 1n);
  assert.equal(hashesFor(1n), 2n ** 255n);
  assert.equal(hashesFor(0xffffn << 208n), 4_295_032_833n);
});

/** Bitcoin's target in 32 bits: an exponent of 256, then three bytes. */
function expanded(compact: number): bigint {
  const [size, word] = [compact >>> 24, BigInt(compact & 0x7f_ffff)];
  return size > 3 ? word << BigInt(8 * (size - 3)) : word >> BigInt(8 * (3 - size));
}

function compacted(target: bigint): number {
  let size = Math.ceil(target.toString(16).length / 2);
  let word = size > 3 ? target >> BigInt(8 * (size - 3)) : target << BigInt(8 * (3 - size));
  if (word & 0x80_0000n) [size, word] = [size + 1, word >> 8n];
  return size * 2 ** 24 + Number(word);
}

test("the published vectors of aserti3-2d hold", () => {
  const file = new URL("../../../../../ledger/tests/work/aserti3-2d.txt", import.meta.url);
  let [firstTarget, checked] = [0n, 0];
  for (const line of readFileSync(fileURLToPath(file), "utf8").trim().split("\n")) {
    const [first = "", second = "", expected = ""] = line.split(" ");
    if (first === "anchor") {
      firstTarget = expanded(Number.parseInt(second, 16));
    } else if (first !== "#") {
      const rules = {
        easiestTarget: expanded(0x1d00_ffff),
        firstTarget,
        spacingMs: 600_000,
        halfLifeMs: 2 * 24 * 3600 * 1000,
        finalDepth: 1,
        createdMs: 0,
      };
      const next = targetAfter(rules, { height: BigInt(first), timeMs: Number(second) * 1000 });
      assert.equal(compacted(next).toString(16).padStart(8, "0"), expected, line);
      checked += 1;
    }
  }
  assert.ok(checked > 100, `${checked}`);
});

test("no delay and no haste leave the bounds", () => {
  const rules = { easiestTarget: 2n ** 250n, firstTarget: 2n ** 240n, spacingMs: 10, halfLifeMs: 10, finalDepth: 1, createdMs: 0 };
  assert.equal(targetAfter(rules, { height: 0n, timeMs: 253_402_300_799_999 }), rules.easiestTarget);
  assert.equal(targetAfter(rules, { height: 2n ** 64n - 1n, timeMs: 0 }), 1n);
});
