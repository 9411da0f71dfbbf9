/** Base45 (RFC 9285): bytes in the characters that a QR code packs most densely. */

import { Refused } from "./failure.js";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const VALUES = new Map([...ALPHABET].map((character, value) => [character, value]));

export function toBase45(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 2) {
    const pair = at + 1 < bytes.length;
    let value = pair ? ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0) : (bytes[at] ?? 0);
    for (let digit = 0; digit < (pair ? 3 : 2); digit += 1) {
      text += ALPHABET.charAt(value % 45);
      value = Math.floor(value / 45);
    }
  }
  return text;
}

export function fromBase45(text: string): Uint8Array {
  const wrong = (): never => {
    throw new Refused("form", "it is not base45");
  };
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at += 3) {
    const chunk = text.slice(at, at + 3);
    const value = [...chunk].reduceRight((sum, character) => sum * 45 + (VALUES.get(character) ?? wrong()), 0);
    if (chunk.length === 3 && value <= 0xffff) bytes.push(value >> 8, value & 0xff);
    else if (chunk.length === 2 && value <= 0xff) bytes.push(value);
    else wrong();
  }
  return Uint8Array.from(bytes);
}
