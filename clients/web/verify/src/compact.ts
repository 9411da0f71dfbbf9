/** Compact evidence: deterministic CBOR without what the anchor says and what the proof leads to. */

import { concat, equal } from "./bytes.js";
import { CborReader, CborWriter, isWrittenAs } from "./cbor.js";
import { readEntry, splitEntry, writeEntry } from "./entry.js";
import { type Evidence, type Receipt, type Seal, type StatusProof, type Vote, VOTES_MAX } from "./evidence.js";
import { Refused, require } from "./failure.js";
import { type Anchor, type Term, termAt } from "./genesis.js";
import { decodeHeader, encodeHeader, type Header } from "./header.js";
import { leafHash, logRoot } from "./log.js";
import { TIME_MAX_MS } from "./time.js";
import { DEPTH_MAX, stateKey, stateRoot, type TrieProof } from "./trie.js";

/** The media type of compact evidence. */
export const MEDIA_TYPE = "application/chancery-evidence+cbor";
export const COMPACT_BYTES_MAX = 2 ** 20 + 2 ** 16;

/** An array of six for a receipt, of seven for a status proof. */
export const FIRST_BYTES: readonly number[] = [0x86, 0x87];

const [RECEIPT, STATUS] = [0, 1] as const;
const LOG_PATH_MAX = 53;
const NAME_BYTES = 4;
const U32_MAX = 2 ** 32 - 1;

/** The compact form, for those who hold the same anchor. Throws `Refused` for evidence that could not hold. */
export function toCompact(evidence: Evidence, anchor: Anchor): Uint8Array {
  return write(evidence, anchor).finish();
}

/** Reads the compact form; each evidence has one, so any other bytes are refused. */
export function fromCompact(bytes: Uint8Array, anchor: Anchor): Evidence {
  require(bytes.length <= COMPACT_BYTES_MAX, "form", "it is too long");
  const from = new CborReader(bytes);
  const evidence = read(from, from.array(), anchor);
  const again = isWrittenAs(writeOr(evidence, anchor), bytes);
  require(again, "form", "it is not in its one encoding");
  return evidence;
}

function writeOr(evidence: Evidence, anchor: Anchor): CborWriter {
  try {
    return write(evidence, anchor);
  } catch (error) {
    if (error instanceof Refused) throw new Refused("form", "it is not in its one encoding");
    throw error;
  }
}

function read(from: CborReader, length: number, anchor: Anchor): Evidence {
  if (length === 6 && from.integer() === RECEIPT) return readReceipt(from, anchor);
  if (length === 7 && from.integer() === STATUS) return readStatus(from, anchor);
  throw new Refused("form", "it is neither a receipt nor a status proof");
}

function write(evidence: Evidence, anchor: Anchor): CborWriter {
  const into = new CborWriter();
  const ofWork = evidence.confirmations.length > 0 || anchor.work !== null;
  require(!ofWork, "form", "it has no compact form: it is sealed by work, whose headers are too many for one");
  const header = decodeHeader(evidence.header);
  const known = equal(header.ledger, anchor.ledger) && equal(header.pool, termAt(anchor, header.height).pool);
  require(known, "form", "it has no compact form: it is not of the anchor's ledger and pool");
  const exact = header.height <= BigInt(Number.MAX_SAFE_INTEGER) && header.logSize <= BigInt(Number.MAX_SAFE_INTEGER);
  require(exact, "form", "it has no compact form: an integer is not below 2^53");
  if (evidence.kind === "receipt") writeReceipt(evidence, header, anchor, into);
  else writeStatus(evidence, header, anchor, into);
  return into;
}

function writeReceipt(receipt: Receipt, header: Header, anchor: Anchor, into: CborWriter): void {
  const { position, path, logSize } = receipt.inclusion;
  const root = logRoot(leafHash(receipt.entry), receipt.inclusion);
  const leads = BigInt(logSize) === header.logSize && equal(root, header.logRoot);
  require(leads, "form", "it has no compact form: the entry is not in the header's log");
  into.array(6);
  into.integer(RECEIPT);
  writeHeader(header, header.stateRoot, into);
  writeSeal(receipt.seal, termAt(anchor, header.height), into);
  writeEntry(receipt.entry, header.ledger, into);
  into.integer(position);
  into.bytes(concat(...path));
}

function readReceipt(from: CborReader, anchor: Anchor): Receipt {
  const header = readHeader(from, anchor);
  const seal = readSeal(from, termAt(anchor, header.height));
  const entry = readEntry(from, anchor.ledger);
  const position = from.integer();
  const path = readPath(from, LOG_PATH_MAX);
  from.end();
  formed(() => splitEntry(entry));
  const inclusion = { position, logSize: Number(header.logSize), path };
  const complete = { ...header, stateRoot: header.otherRoot, logRoot: logRoot(leafHash(entry), inclusion) };
  return { kind: "receipt", entry, inclusion, header: encodeHeader(complete), seal, confirmations: [] };
}

/** What else would be another check's is here a matter of form. */
function formed(check: () => void): void {
  try {
    check();
  } catch (error) {
    throw error instanceof Refused ? new Refused("form", error.message) : error;
  }
}

function writeStatus(status: StatusProof, header: Header, anchor: Anchor, into: CborWriter): void {
  const root = stateRoot(stateKey(status.object), status.value, status.proof);
  require(equal(root, header.stateRoot), "form", "it has no compact form: the proof leads elsewhere");
  into.array(7);
  into.integer(STATUS);
  writeHeader(header, header.logRoot, into);
  writeSeal(status.seal, termAt(anchor, header.height), into);
  into.text(status.object);
  if (status.value === null) into.null();
  else into.bytes(status.value);
  into.bytes(concat(...status.proof.siblings));
  const { leaf } = status.proof;
  if (leaf === null) into.null();
  else into.bytes(concat(leaf.key, leaf.valueHash));
}

function readStatus(from: CborReader, anchor: Anchor): StatusProof {
  const header = readHeader(from, anchor);
  const seal = readSeal(from, termAt(anchor, header.height));
  const object = from.text();
  const value = from.null() ? null : from.bytes();
  const siblings = readPath(from, DEPTH_MAX);
  const other = from.null() ? null : from.bytesOf(64);
  from.end();
  const leaf = other && { key: other.subarray(0, 32), valueHash: other.subarray(32) };
  const proof: TrieProof = { siblings, leaf };
  const complete = { ...header, logRoot: header.otherRoot, stateRoot: stateRoot(stateKey(object), value, proof) };
  return { kind: "status", object, value, proof, header: encodeHeader(complete), seal, confirmations: [] };
}

/** `root` is the one that the evidence's proof does not lead to. */
function writeHeader(header: Header, root: Uint8Array, into: CborWriter): void {
  into.array(6);
  into.bytes(header.ledger.subarray(0, NAME_BYTES));
  into.bytes(header.pool.subarray(0, NAME_BYTES));
  into.integer(Number(header.height));
  into.integer(header.timeMs);
  into.integer(Number(header.logSize));
  into.bytes(concat(header.previous, header.bodyRoot, root));
}

type Incomplete = Omit<Header, "logRoot" | "stateRoot"> & { readonly otherRoot: Uint8Array };

function readHeader(from: CborReader, anchor: Anchor): Incomplete {
  from.arrayOf(6);
  const { ledger } = anchor;
  const named = (name: Uint8Array, hash: Uint8Array): boolean => equal(name, hash.subarray(0, NAME_BYTES));
  require(named(from.bytesOf(NAME_BYTES), ledger), "ledger", "it is of another ledger than the anchor's");
  const poolName = from.bytesOf(NAME_BYTES);
  const height = BigInt(from.integer());
  const { pool } = termAt(anchor, height);
  require(named(poolName, pool), "seal", "the block was sealed by a pool that the anchor does not hold");
  const timeMs = from.integer();
  require(timeMs <= TIME_MAX_MS, "form", "the time is past the year 9999");
  const logSize = BigInt(from.integer());
  const [previous, bodyRoot, otherRoot] = readPath(from, 3);
  if (previous === undefined || bodyRoot === undefined || otherRoot === undefined) {
    throw new Refused("form", "the header has other than three hashes");
  }
  return { ledger, height, previous, timeMs, bodyRoot, logSize, pool, otherRoot };
}

function writeSeal(seal: Seal, term: Term, into: CborWriter): void {
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

function readSeal(from: CborReader, term: Term): Seal {
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

function readPath(from: CborReader, most: number): Uint8Array[] {
  const bytes = from.bytes();
  const fits = bytes.length % 32 === 0 && bytes.length <= 32 * most;
  require(fits, "form", "a path is no row of hashes, or is too long");
  return Array.from({ length: bytes.length / 32 }, (_, index) => bytes.subarray(32 * index, 32 * index + 32));
}
