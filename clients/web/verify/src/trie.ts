/** The state's Merkle trie: that a key has a value, or none. */

import { equal, sha256 } from "./bytes.js";
import { require } from "./failure.js";

const [LEAF, INNER] = [Uint8Array.of(0x10), Uint8Array.of(0x11)];
export const DEPTH_MAX = 256;

/** A leaf that stands where the key's own would. */
export interface OtherLeaf {
  readonly key: Uint8Array;
  readonly valueHash: Uint8Array;
}

export interface TrieProof {
  /** The hashes beside the way, from the root down. */
  readonly siblings: readonly Uint8Array[];
  readonly leaf: OtherLeaf | null;
}

/** Where an object is kept. */
export function stateKey(object: string): Uint8Array {
  require(object.split("/").length >= 3, "object", "it is not register/kind/id");
  return sha256(new TextEncoder().encode(object));
}

function bit(key: Uint8Array, depth: number): number {
  return ((key[depth >> 3] ?? 0) >> (7 - (depth & 7))) & 1;
}

/** The root that the proof leads to if the key has this value, or with `null` none. */
export function stateRoot(key: Uint8Array, value: Uint8Array | null, { siblings, leaf }: TrieProof): Uint8Array {
  require(siblings.length <= DEPTH_MAX, "state", "the proof is deeper than its key");
  let node = end(key, value, siblings.length, leaf);
  for (let depth = siblings.length - 1; depth >= 0; depth -= 1) {
    const sibling = siblings[depth] ?? new Uint8Array(32);
    node = bit(key, depth) === 1 ? sha256(INNER, sibling, node) : sha256(INNER, node, sibling);
  }
  return node;
}

function end(key: Uint8Array, value: Uint8Array | null, depth: number, other: OtherLeaf | null): Uint8Array {
  if (other === null) return value === null ? new Uint8Array(32) : sha256(LEAF, key, sha256(value));
  let shared = 0;
  while (shared < depth && bit(key, shared) === bit(other.key, shared)) shared += 1;
  const inTheWay = value === null && !equal(other.key, key) && shared === depth;
  require(inTheWay, "state", "the proof is not about this key");
  return sha256(LEAF, other.key, other.valueHash);
}
