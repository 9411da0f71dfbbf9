/** Verifying: a pure function of evidence and anchor, which names every check that it made or did not make. */

import { equal, toHex, utf8 } from "./bytes.js";
import { CborReader, type Item } from "./cbor.js";
import { fromCodes, isCode } from "./code.js";
import { anyFromCompact, FIRST_BYTES } from "./compact.js";
import { splitEntry } from "./entry.js";
import { anyFromJson, type BlockReceipt, type Credential, type Evidence, type Receipt, type StatusProof } from "./evidence.js";
import { type CheckName, Refused, require } from "./failure.js";
import type { Anchor } from "./genesis.js";
import { decodeHeader, type Header } from "./header.js";
import { parseJson } from "./json.js";
import { BODY_PATH_MAX, bodyRoot, leafHash, logRoot } from "./log.js";
import { checkSeal, shownWork, type ShownWork } from "./seal.js";
import { timeToText } from "./time.js";
import { checkTransition, type Transition } from "./transition.js";
import { stateKey, stateRoot } from "./trie.js";

const EVIDENCE_BYTES_MAX = 2 * (2 ** 20 + 2 ** 16);

/** One check, and what came of it. */
export interface Check {
  readonly name: CheckName;
  /** What holds when it is passed. */
  readonly says: string;
  readonly result: "passed" | "failed" | "not made";
  /** Why it failed or was not made. */
  readonly reason?: string;
}

/** What evidence states. */
export type Statement =
  | ({ readonly kind: "ordered"; readonly position: number; readonly outcome: string } & Transition)
  /** It stands in the block, at a place in the log that is not shown. */
  | ({ readonly kind: "in-block"; readonly outcome: string } & Transition)
  | {
      readonly kind: "stands";
      readonly object: string;
      readonly version: number;
      readonly position: number;
      /** The object; byte strings in hexadecimal digits. */
      readonly value: Item;
    }
  | { readonly kind: "absent"; readonly object: string };

/** Of which block evidence speaks. */
export interface AsOf {
  readonly ledger: string;
  readonly height: number;
  /** The time of the block: evidence says nothing of later. */
  readonly time: string;
  readonly logSize: number;
  readonly logRoot: string;
}

export interface Report {
  /**
   * Whether no check failed and all that bind were made. Show the checks with it, and as of when. Never so for a
   * credential alone, of which nothing shows that the ledger has taken it in: see `signed`.
   */
  readonly holds: boolean;
  readonly checks: readonly Check[];
  /** What was stated, when it holds. */
  readonly stated?: Statement;
  /** Of a credential alone: what was signed and by which keys, when the signatures verify. It is no more than that. */
  readonly signed?: Transition;
  /** As of which block, when it holds. */
  readonly asOf?: AsOf;
  /** The work behind it, when it holds and the ledger is sealed by work. How much suffices is yours to say. */
  readonly work?: ShownWork;
  /** How old the statement is by the clock that was given. */
  readonly ageMs?: number;
}

export interface Options {
  /** What the clock says, to tell how old the statement is. */
  readonly nowMs?: number;
  /** How old it may be. */
  readonly maxAgeMs?: number;
  /**
   * Which object was asked about, as `register/kind/id`. A proof of absence holds for every name that would stand
   * at the same place, so whoever asked about one must compare.
   */
  readonly object?: string;
}

const SAYS: Readonly<Record<CheckName, string>> = {
  form: "it is evidence in one of its forms, and in the one way to write it",
  header: "the header has its fixed layout",
  ledger: "the header is of the ledger that the anchor founded",
  seal: "more than two thirds of the anchor's pool have signed the header (Ed25519, strict)",
  confirmations: "each header that follows was worked on, at the target that follows from the one before (ASERT)",
  inclusion: "the entry is in the log whose root the header states (RFC 6962)",
  block: "the entry is in the block: one of those that the header's body root stands for (RFC 6962)",
  position: "the place of the entry in the log",
  entry: "the entry is an outcome and a transition",
  signatures: "each signature on the transition verifies with the key that it names (Ed25519, strict)",
  state: "the object is, or is not, in the state whose root the header states",
  object: "the object is the one that was asked about",
  value: "the value is a stored object",
  age: "the statement is no older than it may be",
  "taken-in": "the ledger has taken it in",
  key: "each key belonged to the party that it names when it signed",
  current: "what it states is so still",
};

/** What the checks say where blocks are sealed by work. */
const SAYS_OF_WORK: typeof SAYS = { ...SAYS, seal: "the header was worked on, at a target that the genesis allows (SHA-256)" };

const OF_RECEIPT: readonly CheckName[] = ["form", "header", "ledger", "seal", "inclusion", "entry", "signatures", "age"];
const OF_BLOCK_RECEIPT: readonly CheckName[] = OF_RECEIPT.flatMap((name) => (name === "inclusion" ? ["block", "position"] : [name]));
const OF_CREDENTIAL: readonly CheckName[] = ["form", "signatures", "taken-in", "key", "current", "age"];
const OF_STATUS: readonly CheckName[] = ["form", "header", "ledger", "seal", "object", "state", "value", "age"];
const OF_NEITHER: readonly CheckName[] = ["form", "header", "ledger", "seal", "age"];

/** The checks as they are made, in order. */
class Checks {
  private readonly made = new Map<CheckName, Check>();

  constructor(
    private names: readonly CheckName[],
    private readonly says: typeof SAYS,
  ) {}

  speakOf(names: readonly CheckName[]): void {
    this.names = names;
  }

  /** Makes a check: it passes unless it refuses. What it refuses by another check's name fails as that. */
  make<T>(name: CheckName, check: () => T): T | undefined {
    try {
      const found = check();
      this.set({ name, says: this.says[name], result: "passed" });
      return found;
    } catch (error) {
      // An error of another kind is a fault of this package: whatever met it was not shown to hold.
      const refused = error instanceof Refused ? error : new Refused(name, `unexpected: ${String(error)}`);
      const failed = name === "form" || this.names.includes(refused.check) ? refused.check : name;
      // What cannot be read for a reason of a later check is named after that check.
      if (!this.names.includes(failed)) this.names = OF_RECEIPT.includes(failed) ? OF_RECEIPT : OF_STATUS;
      this.set({ name: failed, says: this.says[failed], result: "failed", reason: refused.message });
      return undefined;
    }
  }

  skip(name: CheckName, reason: string): void {
    this.set({ name, says: this.says[name], result: "not made", reason });
  }

  private set(check: Check): void {
    if (!this.made.has(check.name)) this.made.set(check.name, check);
  }

  failed(): boolean {
    return [...this.made.values()].some((check) => check.result === "failed");
  }

  all(): Check[] {
    const reason = "a check before it failed";
    return this.names.map((name) => this.made.get(name) ?? { name, says: this.says[name], result: "not made", reason });
  }
}

/**
 * Checks evidence: its bytes in JSON or compact, or the text of its codes (the parts of one by line). Needs no
 * network and reads no clock. Never throws.
 */
export function verify(input: Uint8Array | string, anchor: Anchor, options: Options = {}): Report {
  const checks = new Checks(OF_NEITHER, anchor.work === null ? SAYS : SAYS_OF_WORK);
  const evidence = checks.make("form", () => readAny(input, anchor));
  if (evidence === undefined) return { holds: false, checks: checks.all() };
  if (evidence.kind === "credential") return credential(evidence, anchor, checks);
  checks.speakOf(namesFor(evidence, anchor));
  const header = checks.make("header", () => decodeHeader(evidence.header));
  if (header === undefined) return { holds: false, checks: checks.all() };
  checks.make("ledger", () => {
    require(equal(header.ledger, anchor.ledger), "ledger", `it is of ledger ${toHex(header.ledger)}, which is not the anchor's`);
  });
  const sealed = checks.make("seal", () => {
    checkSeal(evidence.header, header, evidence.seal, anchor);
    return true;
  });
  const work = sealed === undefined ? undefined : workBehind(evidence, header, anchor, checks);
  const stated = evidence.kind === "status" ? status(evidence, header, options, checks) : receipt(evidence, header, anchor, checks);
  const ageMs = age(header, options, checks);
  const holds = !checks.failed() && stated !== undefined;
  const of = { checks: checks.all(), ...(ageMs === undefined ? {} : { ageMs }) };
  if (!holds) return { holds, ...of };
  return { holds, ...of, stated, asOf: asOf(header), ...(work === undefined ? {} : { work }) };
}

/** Headers that follow are a matter of ledgers of work; elsewhere there are none, or they are refused. */
function namesFor(evidence: Evidence, anchor: Anchor): readonly CheckName[] {
  const names = { receipt: OF_RECEIPT, status: OF_STATUS, "block-receipt": OF_BLOCK_RECEIPT }[evidence.kind];
  if (anchor.work === null && evidence.confirmations.length === 0) return names;
  return names.flatMap((name) => (name === "seal" ? [name, "confirmations"] : [name]));
}

function workBehind(evidence: Evidence, header: Header, anchor: Anchor, checks: Checks): ShownWork | undefined {
  const none = evidence.confirmations.length === 0;
  if (none && anchor.work !== null) checks.skip("confirmations", "no header that follows stands with it");
  if (none) return shownWork(evidence, header, anchor);
  return checks.make("confirmations", () => shownWork(evidence, header, anchor));
}

/** Evidence in whichever form. Throws `Refused`, also for a credential alone. */
export function read(input: Uint8Array | string, anchor: Anchor): Evidence {
  const evidence = readAny(input, anchor);
  if (evidence.kind === "credential") throw new Refused("form", "it is a credential alone, which no ledger vouches for");
  return evidence;
}

function readAny(input: Uint8Array | string, anchor: Anchor): Evidence | Credential {
  require(input.length <= EVIDENCE_BYTES_MAX, "form", "it is too long to be evidence");
  const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input;
  if (FIRST_BYTES.includes(bytes[0] ?? -1)) return anyFromCompact(bytes, anchor);
  const beginning = String.fromCharCode(...bytes.subarray(0, 4));
  if (!isCode(beginning)) return anyFromJson(bytes);
  return anyFromCompact(fromCodes(lines(utf8(bytes))), anchor);
}

function lines(text: string): string[] {
  const all = text.split(/\r?\n/);
  return all.at(-1) === "" ? all.slice(0, -1) : all;
}

/** Signatures, and by name all that they do not show. */
function credential({ transition }: Credential, anchor: Anchor, checks: Checks): Report {
  checks.speakOf(OF_CREDENTIAL);
  const signed = checks.make("signatures", () => checkTransition(transition, anchor.ledger));
  checks.skip("taken-in", "it may have been refused, or never submitted: a receipt says");
  checks.skip("key", "no signature says whose key it is: the registers do");
  checks.skip("current", "it may have changed since, or never have been: a status proof says");
  checks.skip("age", "no signature says when it was made");
  return { holds: false, checks: checks.all(), ...(signed === undefined ? {} : { signed }) };
}

function receipt(evidence: Receipt | BlockReceipt, header: Header, anchor: Anchor, checks: Checks): Statement | undefined {
  const { entry } = evidence;
  if (evidence.kind === "receipt") inLog(evidence, header, checks);
  else inBlock(evidence, header, checks);
  const parts = checks.make("entry", () => {
    const split = splitEntry(entry);
    entryIsJson(split.transition);
    return split;
  });
  if (parts === undefined) return undefined;
  const transition = checks.make("signatures", () => checkTransition(parts.transition, anchor.ledger));
  if (transition === undefined) return undefined;
  const { outcome } = parts;
  if (evidence.kind === "block-receipt") return { kind: "in-block", outcome, ...transition };
  return { kind: "ordered", position: evidence.inclusion.position, outcome, ...transition };
}

function inLog({ entry, inclusion }: Receipt, header: Header, checks: Checks): void {
  checks.make("inclusion", () => {
    const sizes = `the proof is for a log of ${inclusion.logSize} entries, the header's has ${header.logSize}`;
    require(BigInt(inclusion.logSize) === header.logSize, "inclusion", sizes);
    const root = logRoot(leafHash(entry), inclusion);
    require(equal(root, header.logRoot), "inclusion", "the proof does not lead to the root");
  });
}

function inBlock({ entry, inBlock: path }: BlockReceipt, header: Header, checks: Checks): void {
  checks.make("block", () => {
    require(path.length <= BODY_PATH_MAX, "block", "the path is longer than any block is deep");
    require(equal(bodyRoot(leafHash(entry), path), header.bodyRoot), "block", "the path does not lead to the root");
  });
  checks.skip("position", "a receipt by its block does not show it");
}

function entryIsJson(transition: Uint8Array): void {
  try {
    parseJson(utf8(transition));
  } catch (error) {
    throw error instanceof Refused ? new Refused("entry", error.message) : error;
  }
}

function status(evidence: StatusProof, header: Header, options: Options, checks: Checks): Statement | undefined {
  const { object, value, proof } = evidence;
  const key = keyOf(object, options.object, checks);
  if (key === undefined) return undefined;
  checks.make("state", () => {
    require(equal(stateRoot(key, value, proof), header.stateRoot), "state", "the proof does not lead to the root");
  });
  if (value === null) {
    checks.skip("value", "there is none");
    return { kind: "absent", object };
  }
  const stored = checks.make("value", () => storedObject(value));
  return stored && { kind: "stands", object, ...stored };
}

/**
 * Where the object is kept. Whether it is the one that was asked about cannot be said when nobody says which that was:
 * this verifier knows the shape of a name, and not the kinds and ids of the registers.
 */
function keyOf(object: string, asked: string | undefined, checks: Checks): Uint8Array | undefined {
  try {
    const key = stateKey(object);
    if (asked === undefined) {
      checks.skip("object", `which object was asked about was not said: compare it with ${object}`);
      return key;
    }
    return checks.make("object", () => {
      require(object === asked, "object", `it is about ${object}`);
      return key;
    });
  } catch (error) {
    return checks.make("object", () => {
      throw error;
    });
  }
}

/** A stored object: exactly `value`, `version` and `position`. */
function storedObject(bytes: Uint8Array): { value: Item; version: number; position: number } {
  const wrong = (): never => {
    throw new Refused("value", "the bytes are not a stored object");
  };
  try {
    const reader = new CborReader(bytes);
    const stored = reader.item();
    reader.end();
    if (!(stored instanceof Map) || stored.size !== 3) return wrong();
    const [value, version, position] = [stored.get("value"), stored.get("version"), stored.get("position")];
    if (value === undefined || typeof version !== "number" || typeof position !== "number") return wrong();
    return version < 0 || position < 0 ? wrong() : { value, version, position };
  } catch (error) {
    if (error instanceof Refused) return wrong();
    throw error;
  }
}

function age(header: Header, { nowMs, maxAgeMs }: Options, checks: Checks): number | undefined {
  if (nowMs === undefined) {
    checks.skip("age", `no clock was given: it says nothing of later than ${timeToText(header.timeMs)}`);
    return undefined;
  }
  const ageMs = nowMs - header.timeMs;
  if (maxAgeMs === undefined) checks.skip("age", `it is ${ageMs} ms old; how old it may be was not said`);
  else checks.make("age", () => require(ageMs <= maxAgeMs, "age", `it is ${ageMs} ms old; it may be ${maxAgeMs} ms`));
  return ageMs;
}

function asOf(header: Header): AsOf {
  return {
    ledger: toHex(header.ledger),
    height: Number(header.height),
    time: timeToText(header.timeMs),
    logSize: Number(header.logSize),
    logRoot: toHex(header.logRoot),
  };
}
