/**
 * The part that all compact evidence of a ledger begins with: the header without what follows from elsewhere, and why
 * its block counts. Of headers that follow by work, only what does not follow.
 */

import { concat, equal, sha256 } from "./bytes.js";
import type { CborReader, CborWriter } from "./cbor.js";
import { type Confirmation, type Evidence, type Seal, type Vote, VOTES_MAX } from "./evidence.js";
import { Refused, require } from "./failure.js";
import { type Anchor, type Term, termAt } from "./genesis.js";
import { decodeHeader, encodeHeader, type Header, u64 } from "./header.js";
import { TIME_MAX_MS } from "./time.js";
import { FINAL_DEPTH_MAX, targetAfter, targetBytes, targetFromBytes, targetHash, type WorkRules } from "./work.js";

export const NAME_BYTES = 4;
const U32_MAX = 2 ** 32 - 1;
/** What each header that follows adds to the items of the seal. */
const ITEMS_OF_FOLLOWING = 6;
const UNKNOWN = new Uint8Array(32);
/** The body root of a block without entries. */
const NOTHING = sha256();

type Root = "bodyRoot" | "logRoot" | "stateRoot";
const ROOTS: readonly Root[] = ["bodyRoot", "logRoot", "stateRoot"];
/** Which of a header's roots evidence leads to, and so leaves out. */
const LED_TO: Readonly<Record<Evidence["kind"], Root>> = { receipt: "logRoot", status: "stateRoot", "block-receipt": "bodyRoot" };

type Sealed = Pick<Evidence, "header" | "seal" | "confirmations">;

/** What a header that follows says by itself; null where a root is the one before, or of no entries. */
interface Following {
  readonly afterMs: number;
  readonly logSize: bigint;
  readonly bodyRoot: Uint8Array | null;
  readonly logRoot: Uint8Array | null;
  readonly stateRoot: Uint8Array | null;
  readonly nonce: bigint;
}

/** Header and seal as they stand in the compact form, with one root still to come. */
export interface Incomplete {
  readonly header: Header;
  /** The evidence's part, once the root is known to which its proof leads. */
  complete(root: Uint8Array): Sealed;
}

export function writeSealed(evidence: Evidence, anchor: Anchor, into: CborWriter): void {
  const header = decodeHeader(evidence.header);
  const none = "it has no compact form: it is not of the anchor's ledger and pool";
  require(equal(header.ledger, anchor.ledger), "form", none);
  const exact = header.height <= BigInt(Number.MAX_SAFE_INTEGER) && header.logSize <= BigInt(Number.MAX_SAFE_INTEGER);
  require(exact, "form", "it has no compact form: an integer is not below 2^53");
  into.array(6);
  into.bytes(header.ledger.subarray(0, NAME_BYTES));
  if (anchor.work === null) {
    require(equal(header.pool, termAt(anchor, header.height).pool), "form", none);
    into.bytes(header.pool.subarray(0, NAME_BYTES));
  } else {
    into.null();
  }
  into.integer(Number(header.height));
  into.integer(header.timeMs);
  into.integer(Number(header.logSize));
  const others = ROOTS.filter((root) => root !== LED_TO[evidence.kind]).map((root) => header[root]);
  into.bytes(concat(header.previous, ...others));
  if (anchor.work !== null) {
    writeWork(header, evidence, anchor.work, into);
    return;
  }
  require(evidence.confirmations.length === 0, "form", "it has no compact form: a pool has sealed it, and headers follow");
  writeVotes(evidence.seal, termAt(anchor, header.height), into);
}

export function readSealed(from: CborReader, kind: Evidence["kind"], anchor: Anchor): Incomplete {
  from.arrayOf(6);
  const { ledger, work: rules } = anchor;
  const named = (name: Uint8Array, hash: Uint8Array): boolean => equal(name, hash.subarray(0, NAME_BYTES));
  require(named(from.bytesOf(NAME_BYTES), ledger), "ledger", "it is of another ledger than the anchor's");
  const other = "the block was sealed by a pool that the anchor does not hold";
  const name = rules === null ? from.bytesOf(NAME_BYTES) : null;
  if (rules !== null) require(from.null(), "seal", other);
  const height = BigInt(from.integer());
  if (name !== null) require(named(name, termAt(anchor, height).pool), "seal", other);
  const timeMs = from.integer();
  require(timeMs <= TIME_MAX_MS, "form", "the time is past the year 9999");
  const logSize = BigInt(from.integer());
  const [previous, first, second] = readPath(from, 3);
  if (previous === undefined || first === undefined || second === undefined) {
    throw new Refused("form", "the header has other than three hashes");
  }
  const ledTo = LED_TO[kind];
  const [one, two] = ROOTS.filter((root) => root !== ledTo);
  const roots = { bodyRoot: UNKNOWN, logRoot: UNKNOWN, stateRoot: UNKNOWN, [one ?? ledTo]: first, [two ?? ledTo]: second };
  const of = { ledger, height, previous, timeMs, logSize, ...roots };
  if (rules === null) {
    const term = termAt(anchor, height);
    const seal = readVotes(from, term);
    const header = { ...of, pool: term.pool };
    return { header, complete: (root) => ({ header: encodeHeader({ ...header, [ledTo]: root }), seal, confirmations: [] }) };
  }
  const { seal, following } = readWork(from);
  const header = { ...of, pool: targetHash(targetOf(seal, rules)) };
  const complete = (root: Uint8Array): Sealed => {
    const own: Header = { ...header, [ledTo]: root };
    let before = own;
    const confirmations = following.map((one) => {
      const next = headerAfter(before, one, rules);
      const target = targetAfter(rules, before);
      before = next;
      return { header: encodeHeader(next), seal: { target, nonce: one.nonce } };
    });
    return { header: encodeHeader(own), seal, confirmations };
  };
  return { header, complete };
}

/** The target that a header names: that of block 0 is the first. */
function targetOf(seal: Seal, rules: WorkRules): bigint {
  if (seal === "genesis") return rules.firstTarget;
  require("target" in seal, "form", "it has no compact form: the ledger is not sealed by a pool");
  return seal.target;
}

function headerAfter(before: Header, { afterMs, logSize, bodyRoot, logRoot, stateRoot }: Following, rules: WorkRules): Header {
  const timeMs = before.timeMs + afterMs;
  require(timeMs <= TIME_MAX_MS, "form", "the time is past the year 9999");
  return {
    ledger: before.ledger,
    height: before.height + 1n,
    previous: sha256(encodeHeader(before)),
    timeMs,
    bodyRoot: bodyRoot ?? NOTHING,
    logSize,
    logRoot: logRoot ?? before.logRoot,
    stateRoot: stateRoot ?? before.stateRoot,
    pool: targetHash(targetAfter(rules, before)),
  };
}

function writeWork(header: Header, { seal, confirmations }: Sealed, rules: WorkRules, into: CborWriter): void {
  require(confirmations.length <= FINAL_DEPTH_MAX, "form", "it has no compact form: too many headers follow");
  into.array(1 + ITEMS_OF_FOLLOWING * confirmations.length);
  if (seal !== "genesis" && "target" in seal) into.bytes(concat(targetBytes(seal.target), u64(seal.nonce)));
  else into.null();
  const names = equal(header.pool, targetHash(targetOf(seal, rules)));
  require(names, "form", "it has no compact form: the header names another target than the seal's");
  let before = header;
  for (const confirmation of confirmations) {
    const next = decodeHeader(confirmation.header);
    writeFollowing(before, next, confirmation, rules, into);
    before = next;
  }
}

function writeFollowing(before: Header, next: Header, { header, seal }: Confirmation, rules: WorkRules, into: CborWriter): void {
  const apart = "it has no compact form: a header does not follow";
  if (seal === "genesis" || !("target" in seal)) throw new Refused("form", apart);
  const unless = (root: Uint8Array, known: Uint8Array): Uint8Array | null => (equal(root, known) ? null : root);
  const own: Following = {
    afterMs: next.timeMs - before.timeMs,
    logSize: next.logSize,
    bodyRoot: unless(next.bodyRoot, NOTHING),
    logRoot: unless(next.logRoot, before.logRoot),
    stateRoot: unless(next.stateRoot, before.stateRoot),
    nonce: seal.nonce,
  };
  const follows = own.afterMs >= 0 && next.logSize <= BigInt(Number.MAX_SAFE_INTEGER) && seal.target === targetAfter(rules, before)
    && equal(encodeHeader(headerAfter(before, own, rules)), header);
  require(follows, "form", apart);
  into.integer(own.afterMs);
  into.integer(Number(own.logSize));
  for (const root of [own.bodyRoot, own.logRoot, own.stateRoot]) {
    if (root === null) into.null();
    else into.bytes(root);
  }
  into.bytes(u64(own.nonce));
}

function readWork(from: CborReader): { seal: Seal; following: Following[] } {
  const items = from.array();
  const count = Math.floor(Math.max(items - 1, 0) / ITEMS_OF_FOLLOWING);
  const whole = items === 1 + ITEMS_OF_FOLLOWING * count && count <= FINAL_DEPTH_MAX;
  require(whole, "form", "the headers that follow are not whole, or are too many");
  const seal: Seal = from.null() ? "genesis" : readTargetAndNonce(from);
  const following = Array.from({ length: count }, (): Following => ({
    afterMs: from.integer(),
    logSize: BigInt(from.integer()),
    bodyRoot: readRoot(from),
    logRoot: readRoot(from),
    stateRoot: readRoot(from),
    nonce: numberOf(from.bytesOf(8)),
  }));
  return { seal, following };
}

function readRoot(from: CborReader): Uint8Array | null {
  return from.null() ? null : from.bytesOf(32);
}

function readTargetAndNonce(from: CborReader): Seal {
  const bytes = from.bytesOf(40);
  return { target: targetFromBytes(bytes.subarray(0, 32)), nonce: numberOf(bytes.subarray(32)) };
}

function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function writeVotes(seal: Seal, term: Term, into: CborWriter): void {
  if (seal === "genesis" || "target" in seal) {
    into.null();
    return;
  }
  into.array(2);
  into.integer(seal.round);
  into.array(2 * seal.votes.length);
  for (const { validator, signature } of seal.votes) {
    const place = term.validators.findIndex((member) => equal(member.key, validator));
    require(place >= 0, "form", "it has no compact form: a signature is of no member of the pool");
    into.integer(place);
    into.bytes(signature);
  }
}

function readVotes(from: CborReader, term: Term): Seal {
  if (from.null()) return "genesis";
  from.arrayOf(2);
  const round = from.integer();
  require(round <= U32_MAX, "form", "the round is not below 2^32");
  const items = from.array();
  const pairs = items % 2 === 0 && items <= 2 * VOTES_MAX;
  require(pairs, "form", "the signatures do not stand in pairs, or are too many");
  const votes: Vote[] = [];
  for (let index = 0; index < items; index += 2) {
    const validator = term.validators[from.integer()]?.key;
    if (validator === undefined) {
      throw new Refused("seal", "the block was sealed by a pool that the anchor does not hold");
    }
    votes.push({ validator, signature: from.bytesOf(64) });
  }
  return { round, votes };
}

export function readPath(from: CborReader, most: number): Uint8Array[] {
  const bytes = from.bytes();
  const fits = bytes.length % 32 === 0 && bytes.length <= 32 * most;
  require(fits, "form", "a path is no row of hashes, or is too long");
  return Array.from({ length: bytes.length / 32 }, (_, index) => bytes.subarray(32 * index, 32 * index + 32));
}
