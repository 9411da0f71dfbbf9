/** Credentials alone: their signatures are checked, and nobody is told more than that. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase64url } from "../src/bytes.js";
import { anyFromCompact, fromCompact, read, type Report, toCompact, verify } from "../src/index.js";
import { bytesOf, formsOf, signed, unsigned } from "./vectors.js";

const resultOf = (report: Report, check: string): string | undefined => report.checks.find(({ name }) => name === check)?.result;

test("a good credential is signed in every form, and never holds", () => {
  const { cases, anchor } = signed();
  assert.ok(cases.length >= 7);
  for (const it of cases) {
    for (const form of formsOf(it)) {
      const report = verify(form, anchor(it.anchor), { nowMs: 0, maxAgeMs: 1 });
      assert.deepEqual(report.signed?.signers, it.signed.signers, `${it.name}: ${JSON.stringify(report.checks)}`);
      assert.equal(Date.parse(report.signed?.notAfter ?? ""), Date.parse(it.signed.not_after), it.name);
      assert.equal(report.holds, false, it.name);
      assert.equal(report.stated, undefined);
      assert.equal(report.asOf, undefined);
      assert.equal(resultOf(report, "signatures"), "passed");
      for (const check of ["taken-in", "key", "current", "age"]) assert.equal(resultOf(report, check), "not made", check);
      assert.throws(() => read(form, anchor(it.anchor)), /credential alone/);
    }
    const compact = fromBase64url(it.cbor);
    assert.throws(() => fromCompact(compact, anchor(it.anchor)), /credential alone/);
    assert.deepEqual(toCompact(anyFromCompact(compact, anchor(it.anchor)), anchor(it.anchor)), compact, it.name);
  }
});

test("bad credentials fail by the check that is named", () => {
  const { cases, anchor } = unsigned();
  assert.ok(cases.length >= 20);
  const wrong: string[] = [];
  for (const it of cases) {
    const report = verify(bytesOf(it), anchor(it.anchor));
    const first = report.checks.find(({ result }) => result === "failed")?.name;
    if (first !== it.check || report.signed !== undefined) wrong.push(`${it.name}: ${JSON.stringify(report.checks)}`);
  }
  assert.deepEqual(wrong, []);
});

test("every byte of a credential, changed", () => {
  const { cases, anchor } = signed();
  for (const it of cases.slice(0, 3)) {
    const compact = fromBase64url(it.cbor);
    for (let place = 0; place < compact.length; place += 1) {
      for (const mask of [1 << (place % 8), 0xff]) {
        const changed = compact.slice();
        changed[place] = (changed[place] ?? 0) ^ mask;
        assert.equal(verify(changed, anchor(it.anchor)).signed, undefined, `${it.name}: byte ${place}, changed by ${mask}`);
      }
    }
  }
});
