/** The vectors that all verifiers read: `tests/vectors/evidence`. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fromBase64url } from "../src/bytes.js";
import { type Anchor, readAnchor } from "../src/index.js";

export interface Stated {
  readonly height: number;
  readonly position?: number;
  readonly in_block?: boolean;
  readonly outcome?: string;
  readonly signers?: readonly string[];
  readonly object?: string;
  readonly version?: number;
  readonly absent?: boolean;
  readonly work?: { readonly confirmations: number; readonly final_depth: number; readonly work: string };
}

/** What has all forms. */
export interface Forms {
  readonly name: string;
  readonly anchor: string;
  readonly json: unknown;
  readonly cbor: string;
  /** Null where no single code holds it. */
  readonly code: string | null;
  readonly parts: readonly string[];
}

export interface Good extends Forms {
  readonly stated: Stated;
}

/** A credential alone. */
export interface Signed extends Forms {
  readonly signed: { readonly not_after: string; readonly signers: readonly string[] };
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

interface File<Case> extends Record<"cases" | "good" | "bad", readonly Case[]> {
  readonly anchors: Readonly<Record<string, string>>;
}

export interface Vectors<Case> {
  readonly cases: readonly Case[];
  /** The genesis of this ledger. */
  anchor(ledger: string): Anchor;
}

function vectors<Case>(name: string, list: "cases" | "good" | "bad" = "cases"): Vectors<Case> {
  // From dist-test/test, where this runs, to the root of the repository.
  const file = new URL(`../../../../../tests/vectors/evidence/${name}`, import.meta.url);
  const { anchors, [list]: cases } = JSON.parse(readFileSync(fileURLToPath(file), "utf8")) as File<Case>;
  const read = new Map(Object.entries(anchors).map(([id, text]) => [id, readAnchor(new TextEncoder().encode(text))]));
  const anchor = (ledger: string): Anchor => {
    const found = read.get(ledger);
    if (found === undefined) throw new Error(`no genesis of ${ledger}`);
    return found;
  };
  return { cases, anchor };
}

export const good = (): Vectors<Good> => vectors<Good>("good.json");
export const worked = (): Vectors<Good> => vectors<Good>("work.json");
export const signed = (): Vectors<Signed> => vectors<Signed>("credentials.json", "good");
export const unsigned = (): Vectors<Bad> => vectors<Bad>("credentials.json", "bad");
export const bad = (): Vectors<Bad> => vectors<Bad>("bad.json");

/** The evidence of a bad case, as it stands in a file. */
export function bytesOf({ json, text, cbor }: Bad): Uint8Array {
  if (cbor !== undefined) return fromBase64url(cbor);
  return new TextEncoder().encode(text ?? JSON.stringify(json));
}

/** All forms of a case, the parts of its code in another order. */
export function formsOf({ json, cbor, code, parts }: Forms): Array<Uint8Array | string> {
  const text = JSON.stringify(json);
  const lines = `${[...parts].reverse().join("\n")}\n`;
  return [new TextEncoder().encode(text), text, fromBase64url(cbor), lines, ...(code === null ? [] : [code])];
}

/** The good case of this name, of a pool or of work. */
export function named(name: string): { evidence: Good; anchor: Anchor } {
  const all = good().cases.some((it) => it.name === name) ? good() : worked();
  const evidence = all.cases.find((it) => it.name === name);
  if (evidence === undefined) throw new Error(`no case ${name}`);
  return { evidence, anchor: all.anchor(evidence.anchor) };
}
