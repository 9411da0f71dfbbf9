/** Handovers: from the pool that an anchor knows to the next one, which it has named and sealed. */

import { equal, hashFromHex } from "./bytes.js";
import type { Item } from "./cbor.js";
import { Refused, require } from "./failure.js";
import { type Anchor, type Term, termAt, termOf, type Validator } from "./genesis.js";
import { verify } from "./verify.js";

const POOLS = "validators/pool/pool";
const VALIDATORS_MAX = 128;

/**
 * Follows a handover, a status proof of `validators/pool/pool`, and gives the anchor with the next pool in it. A proof
 * that says what is known already changes nothing. Throws `Refused` when it does not hold, when a pool before it is not
 * known, or when it contradicts what is.
 */
export function follow(anchor: Anchor, handover: Uint8Array | string): Anchor {
  const { checks, stated, asOf } = verify(handover, anchor);
  const failed = checks.find(({ result }) => result === "failed");
  if (failed !== undefined) throw new Refused(failed.name, failed.reason ?? failed.says);
  require(anchor.work === null, "seal", "the ledger is sealed by work, and no pool follows another");
  if (stated?.kind !== "stands" || asOf === undefined || stated.object !== POOLS) {
    throw new Refused("object", `a handover is a proof of ${POOLS}`);
  }
  const pools = mapOf(stated.value, "in_force", "next");
  const inForce = term(pools.in_force);
  const next = pools.next === null ? undefined : term(pools.next);
  const comes = next !== undefined && next.from > asOf.height;
  isInForce(comes || next === undefined ? inForce : next, termAt(anchor, BigInt(asOf.height)));
  return comes ? takenIn(anchor, next) : anchor;
}

/** The pool in force must be the one that is known for that height: else one between would be passed over. */
function isInForce({ from, pool }: Term, known: Term): void {
  require(from === known.from, "seal", `the pool in force since block ${from} is not known: a handover before this one is missing`);
  require(equal(known.pool, pool), "seal", `two pools were named for block ${from}`);
}

function takenIn(anchor: Anchor, next: Term): Anchor {
  const { validators, from } = next;
  const keys = new Set(validators.map(({ key }) => key.join()));
  const sound = validators.length >= 1 && validators.length <= VALIDATORS_MAX && keys.size === validators.length
    && validators.every(({ power }) => power > 0);
  require(sound, "value", "the next pool has not 1 to 128 validators with distinct keys and some power");
  const last = anchor.terms.at(-1)?.from ?? 0;
  if (from > last) return { ...anchor, terms: [...anchor.terms, next] };
  const known = anchor.terms.find((term) => term.from === from);
  require(known !== undefined && equal(known.pool, next.pool), "seal", `two pools were named for block ${from}`);
  return anchor;
}

function wrong(): never {
  throw new Refused("value", "it does not say which pools seal");
}

/** A map with exactly these members. */
function mapOf<Name extends string>(item: Item | undefined, ...names: Name[]): Record<Name, Item> {
  if (!(item instanceof Map) || item.size !== names.length) return wrong();
  const members = names.map((name) => [name, item.get(name) ?? (item.has(name) ? null : wrong())]);
  return Object.fromEntries(members) as Record<Name, Item>;
}

function term(item: Item): Term {
  const { from, validators } = mapOf(item, "from", "validators");
  if (typeof from !== "number" || from < 0 || !Array.isArray(validators)) return wrong();
  return termOf(from, (validators as readonly Item[]).map(validator));
}

function validator(item: Item): Validator {
  const { name, key, power } = mapOf(item, "name", "key", "power");
  if (typeof name !== "string" || typeof power !== "number" || power < 0 || power >= 2 ** 32) return wrong();
  if (key === null || typeof key !== "object" || !("hex" in key) || key.hex.length !== 64) return wrong();
  return { name, key: hashFromHex(key.hex), power };
}
