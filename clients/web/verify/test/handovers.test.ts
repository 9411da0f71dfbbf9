/** This verifier is led by every good row of handovers where the vectors say, and by no bad one. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { fromBase64url, toHex } from "../src/bytes.js";
import { type Anchor, follow, fromCompact, readAnchor, Refused, toCompact, verify } from "../src/index.js";

interface Vectors {
  readonly genesis: string;
  readonly good: ReadonlyArray<{ name: string; handovers: unknown[]; pools: unknown }>;
  readonly bad: ReadonlyArray<{ name: string; handovers: unknown[]; check: string }>;
  readonly evidence: ReadonlyArray<{ height: number; json: unknown; cbor: string }>;
  readonly bad_evidence: ReadonlyArray<{ name: string; json: unknown; check: string }>;
}

const file = new URL("../../../../../tests/vectors/validators/handovers.json", import.meta.url);
const vectors = JSON.parse(readFileSync(fileURLToPath(file), "utf8")) as Vectors;
const genesis = (): Anchor => readAnchor(new TextEncoder().encode(vectors.genesis));
const followed = (handovers: readonly unknown[]): Anchor =>
  handovers.reduce((anchor: Anchor, handover) => follow(anchor, JSON.stringify(handover)), genesis());

test("good handovers lead where they say", () => {
  for (const { name, handovers, pools } of vectors.good) {
    const known = followed(handovers).terms.map(({ from, pool }) => ({ from, pool: toHex(pool) }));
    assert.deepEqual(known, pools, name);
  }
});

test("bad handovers fail by the check that is named", () => {
  assert.ok(vectors.bad.length >= 11);
  for (const { name, handovers, check } of vectors.bad) {
    const refused = (error: unknown): boolean => error instanceof Refused && error.check === check;
    assert.throws(() => followed(handovers), refused, `${name}: ${check}`);
  }
});

test("evidence of later pools holds after the handovers alone, and is compact for whoever followed them", () => {
  const ahead = followed(vectors.good.find(({ name }) => name === "one after the other")?.handovers ?? []);
  for (const { height, json, cbor } of vectors.evidence) {
    for (const form of [JSON.stringify(json), fromBase64url(cbor)]) {
      assert.equal(verify(form, ahead).holds, true, `${height}`);
      assert.equal(verify(form, genesis()).holds, height < 4, `${height}`);
    }
    assert.deepEqual(toCompact(fromCompact(fromBase64url(cbor), ahead), ahead), fromBase64url(cbor));
  }
});

test("evidence that another pool than that of its height has sealed is refused by the check that is named", () => {
  const ahead = followed(vectors.good.find(({ name }) => name === "one after the other")?.handovers ?? []);
  assert.ok(vectors.bad_evidence.length >= 10);
  for (const { name, json, check } of vectors.bad_evidence) {
    const report = verify(JSON.stringify(json), ahead);
    assert.equal(report.holds, false, name);
    assert.equal(report.checks.find(({ result }) => result === "failed")?.name, check, name);
  }
});
