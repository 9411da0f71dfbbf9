/**
 * Ed25519 (RFC 8032) by the strict rule that every node of a ledger applies.
 *
 * noble's `verify` with `zip215: false` is close and not the same: it multiplies by the cofactor, and takes an
 * `R` of small order. Here `S` is below the group order, neither the key nor `R` is of small order, both are
 * canonical, and `[S]B - [k]A` is `R` byte for byte.
 */

import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concat, equal } from "./bytes.js";

type Point = InstanceType<typeof ed25519.Point>;

const ORDER = ed25519.Point.Fn.ORDER;

/** The point of a canonical encoding that is not of small order. */
function point(bytes: Uint8Array): Point | undefined {
  try {
    const decoded = ed25519.Point.fromBytes(bytes, false);
    return decoded.isSmallOrder() || !equal(decoded.toBytes(), bytes) ? undefined : decoded;
  } catch {
    return undefined;
  }
}

/** Whether 32 bytes are a key: the canonical encoding of a point of the curve that is not of small order. */
export function isKey(bytes: Uint8Array): boolean {
  return bytes.length === 32 && point(bytes) !== undefined;
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** Whether the signature is this key's over the message. Never throws. */
export function verifyStrict(key: Uint8Array, signature: Uint8Array, message: Uint8Array): boolean {
  if (key.length !== 32 || signature.length !== 64) return false;
  const [r, s] = [signature.subarray(0, 32), littleEndian(signature.subarray(32))];
  const a = point(key);
  if (a === undefined || point(r) === undefined || s >= ORDER) return false;
  const k = littleEndian(sha512(concat(r, key, message))) % ORDER;
  const [sB, kA] = [ed25519.Point.BASE.multiplyUnsafe(s), a.multiplyUnsafe(k)];
  return equal(sB.subtract(kA).toBytes(), r);
}
