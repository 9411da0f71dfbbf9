/** Receipts, status proofs and credentials alone, and their JSON. */

import { fromBase64url, hashFromHex, utf8 } from "./bytes.js";
import { Refused, require } from "./failure.js";
import { keyFromText } from "./genesis.js";
import { apart, integer, type Json, JsonObject, list, members, parseJson, text } from "./json.js";
import type { Beside, Inclusion } from "./log.js";
import { DEPTH_MAX, type TrieProof } from "./trie.js";
import { type Work, workFromJson } from "./work.js";

export interface Vote {
  readonly validator: Uint8Array;
  readonly signature: Uint8Array;
}

/** The signatures of a pool. */
export interface PoolSeal {
  readonly round: number;
  readonly votes: readonly Vote[];
}

/** Why a block counts. That of block 0 proves nothing by itself. */
export type Seal = "genesis" | PoolSeal | Work;

/** A header that follows the one before it, where blocks are sealed by work. */
export interface Confirmation {
  readonly header: Uint8Array;
  readonly seal: Seal;
}

/** What all evidence has: of which block it speaks, and why that counts. */
interface Sealed {
  readonly header: Uint8Array;
  readonly seal: Seal;
  readonly confirmations: readonly Confirmation[];
}

/** That a transition stands in the log with its outcome. */
export interface Receipt extends Sealed {
  readonly kind: "receipt";
  readonly entry: Uint8Array;
  readonly inclusion: Inclusion;
}

/** That an object is, or is not, in the state as of a block. */
export interface StatusProof extends Sealed {
  readonly kind: "status";
  readonly object: string;
  readonly value: Uint8Array | null;
  readonly proof: TrieProof;
}

/** That a transition stands in a block with its outcome; its place in the log is not shown. */
export interface BlockReceipt extends Sealed {
  readonly kind: "block-receipt";
  readonly entry: Uint8Array;
  readonly inBlock: readonly Beside[];
}

export type Evidence = Receipt | StatusProof | BlockReceipt;

/** A signed transition, without anything that shows that a ledger took it in. It is no evidence of a ledger. */
export interface Credential {
  readonly kind: "credential";
  readonly transition: Uint8Array;
}

export const VOTES_MAX = 128;
const U32_MAX = 2 ** 32 - 1;
/** Far more than a log has levels: what is longer is refused before it is hashed. */
const PATH_MAX = 256;

/** Evidence from its JSON; unknown, missing and duplicate members are refused. */
export function evidenceFromJson(bytes: Uint8Array): Evidence {
  const evidence = anyFromJson(bytes);
  if (evidence.kind === "credential") throw new Refused("form", "it is a credential alone, which no ledger vouches for");
  return evidence;
}

/** The same, or a credential alone. */
export function anyFromJson(bytes: Uint8Array): Evidence | Credential {
  const value = parseJson(utf8(bytes));
  const has = (member: string): boolean => value instanceof JsonObject && value.members.some(([name]) => name === member);
  if (has("credential")) return { kind: "credential", transition: fromBase64url(text(members(value, "credential").credential)) };
  if (has("in_block")) return blockReceiptOf(value);
  return has("entry") ? receiptOf(value) : statusOf(value);
}

function blockReceiptOf(value: Json): BlockReceipt {
  const [rest, confirmations] = apart(value, "confirmations");
  const receipt = members(rest, "entry", "in_block", "header", "seal");
  return {
    kind: "block-receipt",
    entry: fromBase64url(text(receipt.entry)),
    inBlock: list(receipt.in_block, PATH_MAX).map(besideOf),
    ...sealedOf(receipt, confirmations),
  };
}

function besideOf(value: Json): Beside {
  const left = value instanceof JsonObject && value.members.some(([name]) => name === "left");
  const hash = left ? members(value, "left").left : members(value, "right").right;
  return { side: left ? "left" : "right", hash: hashFromHex(text(hash)) };
}

function receiptOf(value: Json): Receipt {
  const [rest, confirmations] = apart(value, "confirmations");
  const receipt = members(rest, "entry", "inclusion", "header", "seal");
  const inclusion = members(receipt.inclusion, "position", "log_size", "path");
  return {
    kind: "receipt",
    entry: fromBase64url(text(receipt.entry)),
    inclusion: {
      position: integer(inclusion.position),
      logSize: integer(inclusion.log_size),
      path: hashes(inclusion.path, PATH_MAX),
    },
    ...sealedOf(receipt, confirmations),
  };
}

function statusOf(value: Json): StatusProof {
  const [rest, confirmations] = apart(value, "confirmations");
  const status = members(rest, "object", "value", "proof", "header", "seal");
  const proof = members(status.proof, "siblings", "leaf");
  const leaf = proof.leaf === null ? null : members(proof.leaf, "key", "value_hash");
  return {
    kind: "status",
    object: text(status.object),
    value: status.value === null ? null : fromBase64url(text(status.value)),
    proof: {
      siblings: hashes(proof.siblings, DEPTH_MAX),
      leaf: leaf && { key: hashFromHex(text(leaf.key)), valueHash: hashFromHex(text(leaf.value_hash)) },
    },
    ...sealedOf(status, confirmations),
  };
}

function hashes(value: Json, most: number): Uint8Array[] {
  return list(value, most).map((hash) => hashFromHex(text(hash)));
}

/** How many headers follow is bounded by the length of all, and judged as a check of its own. */
function sealedOf({ header, seal }: Record<"header" | "seal", Json>, confirmations: Json | undefined): Sealed {
  const following = confirmations === undefined ? [] : list(confirmations, Number.MAX_SAFE_INTEGER);
  const one = (value: Json): Confirmation => {
    const confirmation = members(value, "header", "seal");
    return { header: fromBase64url(text(confirmation.header)), seal: sealOf(confirmation.seal) };
  };
  return { header: fromBase64url(text(header)), seal: sealOf(seal), confirmations: following.map(one) };
}

function sealOf(value: Json): Seal {
  if (value === "genesis") return value;
  const ofWork = value instanceof JsonObject && value.members.some(([name]) => name === "work");
  if (ofWork) return workFromJson(members(value, "work").work);
  const certificate = members(members(value, "pool").pool, "round", "signatures");
  const votes = list(certificate.signatures, VOTES_MAX).map((vote): Vote => {
    const { validator, signature } = members(vote, "validator", "signature");
    const bytes = fromBase64url(text(signature));
    require(bytes.length === 64, "form", "a signature has 64 bytes");
    return { validator: keyFromText(text(validator)), signature: bytes };
  });
  return { round: integer(certificate.round, U32_MAX), votes };
}
