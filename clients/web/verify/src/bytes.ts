/** Bytes and the texts that stand for them, each in its one form. */

import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { Refused } from "./failure.js";

const HASH_TEXT = /^[0-9a-f]{64}$/;
const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const BASE64URL_VALUES = new Map([...BASE64URL].map((character, value) => [character.charCodeAt(0), value]));

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function equal(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

/** The hash of the parts, one after the other. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  return nobleSha256(concat(...parts));
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** A text in UTF-8; refused when the bytes are not. */
export function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refused("form", "a text is not UTF-8");
  }
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A hash from its 64 lower-case hexadecimal digits. */
export function hashFromHex(text: string): Uint8Array {
  if (!HASH_TEXT.test(text)) throw new Refused("form", "a hash is 64 lower-case hexadecimal digits");
  return Uint8Array.from({ length: 32 }, (_, index) => Number.parseInt(text.slice(2 * index, 2 * index + 2), 16));
}

export function toBase64url(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const [first, second, third] = [bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0];
    const group = (first << 16) | (second << 8) | third;
    const characters = Math.min(bytes.length - at, 3) + 1;
    for (let index = 0; index < characters; index += 1) text += BASE64URL[(group >> (18 - 6 * index)) & 63];
  }
  return text;
}

/** RFC 4648 section 5, without padding and with zero trailing bits. */
export function fromBase64url(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 6) / 8));
  let [bits, held, at] = [0, 0, 0];
  for (let index = 0; index < text.length; index += 1) {
    const value = BASE64URL_VALUES.get(text.charCodeAt(index));
    if (value === undefined) throw new Refused("form", "it is not base64url without padding");
    bits = ((bits << 6) | value) & 0xffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[at] = (bits >> held) & 0xff;
      at += 1;
    }
  }
  if (held >= 6 || (bits & ((1 << held) - 1)) !== 0) {
    throw new Refused("form", "it is not base64url with zero trailing bits");
  }
  return bytes;
}
