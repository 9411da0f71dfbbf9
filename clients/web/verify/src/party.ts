/** Parties: ID codes, and the key ids that say who signs with which key. */

import { ascii, concat, fromBase64url, sha256, toBase64url } from "./bytes.js";
import { Refused } from "./failure.js";

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const DERIVATION = ascii("chancery party 1\0");

/** A key id: who signs, and with which key. */
export interface Signer {
  /** The 15 bytes of the party's ID code. */
  readonly party: Uint8Array;
  readonly key: Uint8Array;
}

/** The party whose first key this is. */
export function partyOfFirstKey(key: Uint8Array): Uint8Array {
  return sha256(DERIVATION, key).slice(0, 15);
}

function base32(bytes: Uint8Array): string {
  let value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  let text = "";
  for (let digit = 0; digit < 24; digit += 1) {
    text = BASE32.charAt(Number(value & 31n)) + text;
    value >>= 5n;
  }
  return text;
}

/** ISO/IEC 7064, MOD 37,36. */
function checkCharacter(code: string): string {
  let product = 36;
  for (const character of code) {
    const sum = (product + Number.parseInt(character, 36)) % 36 || 36;
    product = (sum * 2) % 37;
  }
  return ((37 - product) % 36).toString(36).toUpperCase();
}

/** The ID code of a party. */
export function idCode(party: Uint8Array): string {
  const code = base32(party);
  return code + checkCharacter(code);
}

/** The `kid` of a signer. */
export function keyId(signer: Signer): string {
  return `${idCode(signer.party)}#${toBase64url(signer.key)}`;
}

/** The 15 bytes of a party's ID code. */
export function parseIdCode(id: string): Uint8Array {
  if (!/^[A-Z2-7]{24}[0-9A-Z]$/.test(id)) throw new Refused("signatures", "an ID code is 25 letters and digits");
  if (checkCharacter(id.slice(0, 24)) !== id.charAt(24)) {
    throw new Refused("signatures", "the check character of an ID code does not fit");
  }
  let value = 0n;
  for (const character of id.slice(0, 24)) value = (value << 5n) | BigInt(BASE32.indexOf(character));
  return Uint8Array.from({ length: 15 }, (_, index) => Number((value >> BigInt(8 * (14 - index))) & 255n));
}

/** A signer from its `kid`. */
export function parseKeyId(text: string): Signer {
  const [id = "", key = "", more] = text.split("#");
  if (more !== undefined || !/^[A-Za-z0-9_-]{43}$/.test(key)) {
    throw new Refused("signatures", "a kid is PARTY#KEY");
  }
  return { party: parseIdCode(id), key: fromBase64url(key) };
}

/** The bytes by which compact evidence names a signer: a party that signs with its first key follows from it. */
export function shortSigner(signer: Signer): Uint8Array {
  const first = partyOfFirstKey(signer.key);
  return first.every((byte, index) => byte === signer.party[index]) ? signer.key : concat(signer.party, signer.key);
}

export function fromShortSigner(bytes: Uint8Array): Signer {
  if (bytes.length === 32) return { party: partyOfFirstKey(bytes), key: bytes };
  if (bytes.length === 47) return { party: bytes.subarray(0, 15), key: bytes.subarray(15) };
  throw new Refused("form", "a signer is no key with or without its party");
}
