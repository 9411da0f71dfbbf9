/** Proof of work: targets, what they stand for, and the target that follows from a block (ASERT). */

import { ascii, hashFromHex, sha256 } from "./bytes.js";
import { Refused, require } from "./failure.js";
import { type Header, u64 } from "./header.js";
import { integer, type Json, members, text } from "./json.js";

/** What a ledger of work was founded with. */
export interface WorkRules {
  /** No target is easier (higher). */
  readonly easiestTarget: bigint;
  /** The target of block 1. */
  readonly firstTarget: bigint;
  /** The time that should lie between two blocks. */
  readonly spacingMs: number;
  /** The delay after which the target has doubled. */
  readonly halfLifeMs: number;
  /** How many blocks must follow one for it to be final. */
  readonly finalDepth: number;
  /** The time of block 0, from which the schedule runs. */
  readonly createdMs: number;
}

/** The seal of a block by work. */
export interface Work {
  readonly target: bigint;
  readonly nonce: bigint;
}

/** A node keeps so many blocks above the last final one, so no evidence needs more behind it. */
export const FINAL_DEPTH_MAX = 128;
const DAY_MS = 24 * 60 * 60 * 1000;
const NONCE = /^(?:0|[1-9][0-9]{0,19})$/;
/** Bits of ASERT's exponent behind the point. */
const FRACTION_BITS = 16n;

/** A number of 256 bits from its 64 lower-case hexadecimal digits. */
function targetFromText(value: string): bigint {
  return targetFromBytes(hashFromHex(value));
}

/** A number from its 32 bytes. Zero is no target. */
export function targetFromBytes(bytes: Uint8Array): bigint {
  const target = numberOf(bytes);
  require(target > 0n, "form", "a target is not zero");
  return target;
}

function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

export function workFromJson(value: Json): Work {
  const work = members(value, "target", "nonce");
  const nonce = text(work.nonce);
  const fits = NONCE.test(nonce) && BigInt(nonce) < 1n << 64n;
  require(fits, "form", "a nonce is a decimal number below 2^64, written as text");
  return { target: targetFromText(text(work.target)), nonce: BigInt(nonce) };
}

/** The rules of work that a genesis states, which founded its ledger at this time. */
export function rulesFromJson(value: Json, createdMs: number): WorkRules {
  const rules = members(value, "easiest_target", "first_target", "spacing_ms", "half_life_ms", "final_depth");
  const easiestTarget = targetFromText(text(rules.easiest_target));
  const firstTarget = targetFromText(text(rules.first_target));
  require(firstTarget <= easiestTarget, "form", "first_target is easier than easiest_target");
  const spacingMs = integer(rules.spacing_ms, DAY_MS);
  require(spacingMs >= 10, "form", "spacing_ms is not between 10 ms and one day");
  const halfLifeMs = integer(rules.half_life_ms, 366 * DAY_MS);
  require(halfLifeMs >= spacingMs, "form", "half_life_ms is not between spacing_ms and 366 days");
  const finalDepth = integer(rules.final_depth, FINAL_DEPTH_MAX);
  require(finalDepth >= 1, "form", "final_depth is not 1 to 128 blocks");
  return { easiestTarget, firstTarget, spacingMs, halfLifeMs, finalDepth, createdMs };
}

/** What a header names a target by. */
export function targetHash(target: bigint): Uint8Array {
  return sha256(ascii("chancery target 1\0"), targetBytes(target));
}

/** A target as 32 bytes. */
export function targetBytes(target: bigint): Uint8Array {
  return hashFromHex(target.toString(16).padStart(64, "0"));
}

/** Whether this is work on the block of that name, read as a number. */
export function isMet({ target, nonce }: Work, block: Uint8Array): boolean {
  return numberOf(sha256(ascii("chancery work 1\0"), block, u64(nonce))) <= target;
}

/** How many hashes it takes on the average to meet a target. */
export function hashesFor(target: bigint): bigint {
  return (1n << 256n) / (target + 1n);
}

/** The target of the block after this one. */
export function targetAfter(rules: WorkRules, { height, timeMs }: Pick<Header, "height" | "timeMs">): bigint {
  const delayMs = BigInt(timeMs) - BigInt(rules.createdMs) - BigInt(rules.spacingMs) * height;
  return adjusted(rules, delayMs);
}

/**
 * firstTarget * 2^(delay / half life), the power by a cubic: aserti3-2d, step by step as
 * <https://upgradespecs.bitcoincashnode.org/2020-11-15-asert/> has it. The division goes towards zero, the shift down.
 */
function adjusted({ firstTarget, easiestTarget, halfLifeMs }: WorkRules, delayMs: bigint): bigint {
  const halfLife = BigInt(halfLifeMs);
  const most = halfLife << FRACTION_BITS;
  const delay = delayMs > most ? most : delayMs < -most ? -most : delayMs;
  const exponent = (delay << FRACTION_BITS) / halfLife;
  const doublings = exponent >> FRACTION_BITS;
  const fraction = exponent - (doublings << FRACTION_BITS);
  const cubic = 195_766_423_245_049n * fraction + 971_821_376n * fraction ** 2n + 5_127n * fraction ** 3n + (1n << 47n);
  const scaled = firstTarget * (65_536n + (cubic >> 48n));
  // Shifts beyond these bounds lead to either end by far, and would only make a long number.
  if (doublings > 255n) return easiestTarget;
  const target = doublings < -300n ? 0n : doublings >= 0n ? (scaled << doublings) >> FRACTION_BITS : scaled >> (FRACTION_BITS - doublings);
  if (target > easiestTarget) return easiestTarget;
  return target > 0n ? target : 1n;
}

/** Refuses what is no work on a block of this header, at a target that the rules allow. */
export function checkWork(work: Work, header: Header, block: Uint8Array, rules: WorkRules): void {
  const named = targetHash(work.target).every((byte, index) => byte === header.pool[index]);
  if (!named) throw new Refused("seal", "the header names another target than the seal's");
  require(work.target <= rules.easiestTarget, "seal", "the target is easier than the genesis allows");
  require(isMet(work, block), "seal", "the work hash is higher than the target");
}
