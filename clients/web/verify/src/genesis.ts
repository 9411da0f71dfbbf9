/** The genesis: the one thing that a verifier must hold. */

import { ascii, concat, fromBase64url, sha256, toHex, utf8 } from "./bytes.js";
import { isKey } from "./ed25519.js";
import { Refused, require } from "./failure.js";
import { integer, type Json, JsonObject, list, members, parseJson, text } from "./json.js";
import { timeFromText } from "./time.js";
import { rulesFromJson, type WorkRules } from "./work.js";

/** A member of the pool that seals blocks. */
export interface Validator {
  readonly name: string;
  readonly key: Uint8Array;
  readonly power: number;
}

/** A pool and the first height that it seals. */
export interface Term {
  readonly from: number;
  /** What headers name the pool by. */
  readonly pool: Uint8Array;
  readonly validators: readonly Validator[];
}

/** What is trusted: the ledger, and the rules of its work or the pool that its genesis names and those that handovers have led to. */
export interface Anchor {
  /** What the ledger is called; only as true as the genesis. */
  readonly name: string;
  /** The ledger's id: the hash of the genesis. */
  readonly ledger: Uint8Array;
  readonly ledgerId: string;
  /** The pools that are known, by their first heights; that of the genesis is the first. None on a ledger of work. */
  readonly terms: readonly Term[];
  /** The rules of work; null where pools seal. */
  readonly work: WorkRules | null;
}

const U32_MAX = 2 ** 32 - 1;
const VALIDATORS_MAX = 128;
const YEAR_MS = 366 * 24 * 60 * 60 * 1000;

/** Reads a genesis from its exact bytes. Throws `Refused` when it founds no ledger. */
export function readAnchor(bytes: Uint8Array): Anchor {
  const genesis = members(
    parseJson(utf8(bytes)), "version", "name", "created", "root", "consensus", "transition_window_ms",
  );
  require(integer(genesis.version) === 1, "form", "the genesis is not of version 1");
  const name = text(genesis.name);
  const nameBytes = new TextEncoder().encode(name).length;
  require(nameBytes >= 1 && nameBytes <= 100, "form", "the name is not 1 to 100 bytes long");
  const createdMs = timeFromText(text(genesis.created));
  checkRoot(genesis.root);
  const window = integer(genesis.transition_window_ms);
  require(window >= 1000 && window <= YEAR_MS, "form", "transition_window_ms is not between a second and 366 days");
  const ledger = sha256(bytes);
  return { name, ledger, ledgerId: toHex(ledger), ...consensusOf(genesis.consensus, createdMs) };
}

function consensusOf(value: Json, createdMs: number): Pick<Anchor, "terms" | "work"> {
  const ofWork = value instanceof JsonObject && value.members.some(([name]) => name === "work");
  if (ofWork) return { terms: [], work: rulesFromJson(members(value, "work").work, createdMs) };
  const pool = members(members(value, "pool").pool, "validators");
  const validators = list(pool.validators, VALIDATORS_MAX).map(validator);
  require(validators.length >= 1, "form", "the pool has no validator");
  distinct(validators.map((member) => member.key));
  return { terms: [termOf(0, validators)], work: null };
}

/** The pool of these members from a height on. */
export function termOf(from: number, validators: readonly Validator[]): Term {
  return { from, pool: poolHash(validators), validators };
}

/** The pool that seals a height, as far as the anchor knows. Throws `Refused` where there is none: on a ledger of work. */
export function termAt({ terms }: Anchor, height: bigint): Term {
  const known = terms.filter(({ from }) => BigInt(from) <= height).at(-1);
  require(known !== undefined, "seal", "the block was sealed by a pool that the anchor does not hold");
  return known;
}

function validator(value: Json): Validator {
  const member = members(value, "name", "key", "power");
  const power = integer(member.power, U32_MAX);
  require(power > 0, "form", "a validator has no power");
  return { name: text(member.name), key: keyFromText(text(member.key)), power };
}

function checkRoot(value: Json): void {
  const root = members(value, "threshold", "keys");
  const keys = list(root.keys, 32).map((key) => keyFromText(text(key)));
  const threshold = integer(root.threshold);
  require(threshold >= 1 && threshold <= keys.length, "form", "the root threshold is not one of its keys' number");
  distinct(keys);
}

function distinct(keys: readonly Uint8Array[]): void {
  require(new Set(keys.map(toHex)).size === keys.length, "form", "a key stands twice");
}

function poolHash(validators: readonly Validator[]): Uint8Array {
  const part = (member: Validator): Uint8Array => {
    const power = new Uint8Array(4);
    new DataView(power.buffer).setUint32(0, member.power);
    return concat(member.key, power);
  };
  return sha256(ascii("chancery pool 1\0"), ...validators.map(part));
}

/** A key from the `x` of its JWK. */
export function keyFromText(value: string): Uint8Array {
  const bytes = fromBase64url(value);
  if (!isKey(bytes)) throw new Refused("form", "a key is not canonical, or of small order");
  return bytes;
}
