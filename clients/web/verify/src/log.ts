/** The log's Merkle tree (RFC 6962): where an inclusion path leads. */

import { sha256 } from "./bytes.js";
import { require } from "./failure.js";

const [LEAF, NODE] = [Uint8Array.of(0), Uint8Array.of(1)];

export interface Inclusion {
  readonly position: number;
  readonly logSize: number;
  readonly path: readonly Uint8Array[];
}

export function leafHash(entry: Uint8Array): Uint8Array {
  return sha256(LEAF, entry);
}

/** The root that the proof leads to from the leaf: RFC 9162, 2.1.3.2. */
export function logRoot(leaf: Uint8Array, { position, logSize, path }: Inclusion): Uint8Array {
  require(position < logSize, "inclusion", "the proof is about a place outside the log");
  let [node, last, root] = [BigInt(position), BigInt(logSize) - 1n, leaf];
  for (const sibling of path) {
    require(last > 0n, "inclusion", "the path is longer than a log of this size has");
    if (node % 2n === 1n || node === last) {
      root = sha256(NODE, sibling, root);
      // A last node without a sibling moves up as it is, until it stands on the right.
      while (node % 2n === 0n && node !== 0n) {
        node >>= 1n;
        last >>= 1n;
      }
    } else {
      root = sha256(NODE, root, sibling);
    }
    node >>= 1n;
    last >>= 1n;
  }
  require(last === 0n, "inclusion", "the path is shorter than a log of this size has");
  return root;
}

/** A hash beside the way from an entry to the body root of its block, with its side. */
export interface Beside {
  readonly side: "left" | "right";
  readonly hash: Uint8Array;
}

/** The longest path in a block: its number of entries has 32 bits. */
export const BODY_PATH_MAX = 32;

/** The root that a path in a block leads to from the leaf. */
export function bodyRoot(leaf: Uint8Array, path: readonly Beside[]): Uint8Array {
  return path.reduce((node, { side, hash }) => (side === "left" ? sha256(NODE, hash, node) : sha256(NODE, node, hash)), leaf);
}
