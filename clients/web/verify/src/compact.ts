/** Compact evidence: deterministic CBOR without what the anchor says and what the proof leads to. */

import { concat, equal } from "./bytes.js";
import { CborReader, CborWriter, isWrittenAs } from "./cbor.js";
import { readEntry, splitEntry, writeEntry } from "./entry.js";
import type { BlockReceipt, Credential, Evidence, Receipt, StatusProof } from "./evidence.js";
import { Refused, require } from "./failure.js";
import type { Anchor } from "./genesis.js";
import { decodeHeader, type Header } from "./header.js";
import { type Beside, BODY_PATH_MAX, bodyRoot, leafHash, logRoot } from "./log.js";
import { NAME_BYTES, readPath, readSealed, writeSealed } from "./sealed.js";
import { readSigned, writeSigned } from "./signed.js";
import { DEPTH_MAX, stateKey, stateRoot, type TrieProof } from "./trie.js";

/** The media type of compact evidence. */
export const MEDIA_TYPE = "application/chancery-evidence+cbor";
export const COMPACT_BYTES_MAX = 2 ** 20 + 2 ** 16;

/** An array of seven for a status proof, of six for all else. */
export const FIRST_BYTES: readonly number[] = [0x86, 0x87];

const [RECEIPT, STATUS, IN_BLOCK, CREDENTIAL] = [0, 1, 2, 3] as const;
const LOG_PATH_MAX = 53;
const TRANSITION_BYTES_MAX = 60 * 1024;

/** The compact form, for those who hold the same anchor. Throws `Refused` for evidence that could not hold. */
export function toCompact(evidence: Evidence | Credential, anchor: Anchor): Uint8Array {
  return write(evidence, anchor).finish();
}

/** Reads the compact form; each evidence has one, so any other bytes are refused. */
export function fromCompact(bytes: Uint8Array, anchor: Anchor): Evidence {
  const evidence = anyFromCompact(bytes, anchor);
  if (evidence.kind === "credential") throw new Refused("form", "it is a credential alone, which no ledger vouches for");
  return evidence;
}

/** The same, or a credential alone. */
export function anyFromCompact(bytes: Uint8Array, anchor: Anchor): Evidence | Credential {
  require(bytes.length <= COMPACT_BYTES_MAX, "form", "it is too long");
  const from = new CborReader(bytes);
  const evidence = read(from, anchor);
  const again = isWrittenAs(writeOr(evidence, anchor), bytes);
  require(again, "form", "it is not in its one encoding");
  return evidence;
}

function writeOr(evidence: Evidence | Credential, anchor: Anchor): CborWriter {
  try {
    return write(evidence, anchor);
  } catch (error) {
    if (error instanceof Refused) throw new Refused("form", "it is not in its one encoding");
    throw error;
  }
}

function read(from: CborReader, anchor: Anchor): Evidence | Credential {
  const [length, kind] = [from.array(), from.integer()];
  if (length === 6 && kind === RECEIPT) return readReceipt(from, anchor);
  if (length === 7 && kind === STATUS) return readStatus(from, anchor);
  if (length === 6 && kind === IN_BLOCK) return readBlockReceipt(from, anchor);
  if (length === 6 && kind === CREDENTIAL) return readCredential(from, anchor);
  throw new Refused("form", "it is of no kind of evidence");
}

function write(evidence: Evidence | Credential, anchor: Anchor): CborWriter {
  const into = new CborWriter();
  if (evidence.kind === "credential") {
    writeCredential(evidence, anchor, into);
    return into;
  }
  const header = decodeHeader(evidence.header);
  require(leads(evidence, header), "form", "it has no compact form: its proof does not lead to the header's root");
  into.array(evidence.kind === "status" ? 7 : 6);
  into.integer({ receipt: RECEIPT, status: STATUS, "block-receipt": IN_BLOCK }[evidence.kind]);
  writeSealed(evidence, anchor, into);
  if (evidence.kind === "receipt") writeReceipt(evidence, header, into);
  else if (evidence.kind === "status") writeStatus(evidence, into);
  else writeBlockReceipt(evidence, header, into);
  return into;
}

/** Evidence whose proof leads elsewhere could not hold. */
function leads(evidence: Evidence, header: Header): boolean {
  switch (evidence.kind) {
    case "receipt":
      return BigInt(evidence.inclusion.logSize) === header.logSize
        && equal(logRoot(leafHash(evidence.entry), evidence.inclusion), header.logRoot);
    case "status":
      return equal(stateRoot(stateKey(evidence.object), evidence.value, evidence.proof), header.stateRoot);
    case "block-receipt":
      return evidence.inBlock.length <= BODY_PATH_MAX
        && equal(bodyRoot(leafHash(evidence.entry), evidence.inBlock), header.bodyRoot);
  }
}

function writeReceipt(receipt: Receipt, header: Header, into: CborWriter): void {
  writeEntry(receipt.entry, header.ledger, into);
  into.integer(receipt.inclusion.position);
  into.bytes(concat(...receipt.inclusion.path));
}

function readReceipt(from: CborReader, anchor: Anchor): Receipt {
  const sealed = readSealed(from, "receipt", anchor);
  const entry = readEntry(from, anchor.ledger);
  const position = from.integer();
  const path = readPath(from, LOG_PATH_MAX);
  from.end();
  formed(() => splitEntry(entry));
  const inclusion = { position, logSize: Number(sealed.header.logSize), path };
  return { kind: "receipt", entry, inclusion, ...sealed.complete(logRoot(leafHash(entry), inclusion)) };
}

/** What else would be another check's is here a matter of form. */
function formed<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw error instanceof Refused ? new Refused("form", error.message) : error;
  }
}

function writeBlockReceipt({ entry, inBlock }: BlockReceipt, header: Header, into: CborWriter): void {
  const { outcome, transition } = formed(() => splitEntry(entry));
  into.array(5);
  into.text(outcome);
  writeSigned(transition, header.ledger, into);
  // At most 32 sides: their sum is exact, where a shift would leave 32 bits.
  into.integer(inBlock.reduce((sum, { side }, level) => (side === "left" ? sum + 2 ** level : sum), 0));
  into.bytes(concat(...inBlock.map(({ hash }) => hash)));
}

function readBlockReceipt(from: CborReader, anchor: Anchor): BlockReceipt {
  const sealed = readSealed(from, "block-receipt", anchor);
  from.arrayOf(5);
  const outcome = new TextEncoder().encode(`${from.text()}\n`);
  formed(() => splitEntry(outcome));
  const entry = concat(outcome, readSigned(from, anchor.ledger));
  const sides = from.integer();
  const path = readPath(from, BODY_PATH_MAX);
  from.end();
  const inBlock = path.map((hash, level): Beside => ({ side: Math.floor(sides / 2 ** level) % 2 === 1 ? "left" : "right", hash }));
  return { kind: "block-receipt", entry, inBlock, ...sealed.complete(bodyRoot(leafHash(entry), inBlock)) };
}

function writeCredential({ transition }: Credential, anchor: Anchor, into: CborWriter): void {
  require(transition.length <= TRANSITION_BYTES_MAX, "form", "it has no compact form: it is longer than any transition");
  into.array(6);
  into.integer(CREDENTIAL);
  into.bytes(anchor.ledger.subarray(0, NAME_BYTES));
  writeSigned(transition, anchor.ledger, into);
}

function readCredential(from: CborReader, anchor: Anchor): Credential {
  const named = equal(from.bytesOf(NAME_BYTES), anchor.ledger.subarray(0, NAME_BYTES));
  require(named, "ledger", "it is of another ledger than the anchor's");
  const transition = readSigned(from, anchor.ledger);
  from.end();
  return { kind: "credential", transition };
}

function writeStatus(status: StatusProof, into: CborWriter): void {
  into.text(status.object);
  if (status.value === null) into.null();
  else into.bytes(status.value);
  into.bytes(concat(...status.proof.siblings));
  const { leaf } = status.proof;
  if (leaf === null) into.null();
  else into.bytes(concat(leaf.key, leaf.valueHash));
}

function readStatus(from: CborReader, anchor: Anchor): StatusProof {
  const sealed = readSealed(from, "status", anchor);
  const object = from.text();
  const value = from.null() ? null : from.bytes();
  const siblings = readPath(from, DEPTH_MAX);
  const other = from.null() ? null : from.bytesOf(64);
  from.end();
  const leaf = other && { key: other.subarray(0, 32), valueHash: other.subarray(32) };
  const proof: TrieProof = { siblings, leaf };
  return { kind: "status", object, value, proof, ...sealed.complete(stateRoot(stateKey(object), value, proof)) };
}
