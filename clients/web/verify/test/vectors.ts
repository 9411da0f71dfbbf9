/** The vectors that all verifiers read: `tests/vectors/evidence`. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fromBase64url } from "../src/bytes.js";
import { type Anchor, readAnchor } from "../src/index.js";

export interface Stated {
  readonly height: number;
  readonly position?: number;
  readonly outcome?: string;
  readonly signers?: readonly string[];
  readonly object?: string;
  readonly version?: number;
  readonly absent?: boolean;
  readonly work?: { readonly confirmations: number; readonly final_depth: number; readonly work: string };
}

/** Of a ledger of work: evidence has no form but JSON. */
export interface Worked {
  readonly name: string;
  readonly anchor: string;
  readonly json: unknown;
  readonly stated: Stated;
}

export interface Good extends Worked {
  readonly cbor: string;
  readonly code: string;
  readonly parts: readonly string[];
}

export interface Bad {
  readonly name: string;
  readonly anchor: string;
  readonly json?: unknown;
  readonly text?: string;
  readonly cbor?: string;
  readonly check: string;
  readonly needs?: "registers";
}

interface File<Case> {
  readonly anchors: Readonly<Record<string, string>>;
  readonly cases: readonly Case[];
}

export interface Vectors<Case> {
  readonly cases: readonly Case[];
  /** The genesis of this ledger. */
  anchor(ledger: string): Anchor;
}

function vectors<Case>(name: string): Vectors<Case> {
  // From dist-test/test, where this runs, to the root of the repository.
  const file = new URL(`../../../../../tests/vectors/evidence/${name}`, import.meta.url);
  const { anchors, cases } = JSON.parse(readFileSync(fileURLToPath(file), "utf8")) as File<Case>;
  const read = new Map(Object.entries(anchors).map(([id, text]) => [id, readAnchor(new TextEncoder().encode(text))]));
  const anchor = (ledger: string): Anchor => {
    const found = read.get(ledger);
    if (found === undefined) throw new Error(`no genesis of ${ledger}`);
    return found;
  };
  return { cases, anchor };
}

export const good = (): Vectors<Good> => vectors<Good>("good.json");
export const worked = (): Vectors<Worked> => vectors<Worked>("work.json");
export const bad = (): Vectors<Bad> => vectors<Bad>("bad.json");

/** The evidence of a bad case, as it stands in a file. */
export function bytesOf({ json, text, cbor }: Bad): Uint8Array {
  if (cbor !== undefined) return fromBase64url(cbor);
  return new TextEncoder().encode(text ?? JSON.stringify(json));
}

/** The good case of this name. */
export function named(name: string): { evidence: Good; anchor: Anchor } {
  const all = good();
  const evidence = all.cases.find((it) => it.name === name);
  if (evidence === undefined) throw new Error(`no case ${name}`);
  return { evidence, anchor: all.anchor(evidence.anchor) };
}
