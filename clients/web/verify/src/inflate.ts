/**
 * Inflating (RFC 1951), bounded and strict: at most so many bytes come out, and none may follow the end.
 * `DecompressionStream` does neither in every engine, and does not tell how much it has read.
 */

import { Refused } from "./failure.js";

const BITS_MAX = 15;
const LENGTH_BASE = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289,
  16385, 24577,
];
const DISTANCE_EXTRA = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
/** In which order the lengths of the code for lengths stand: 3.2.7. */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

function wrong(what: string): never {
  throw new Refused("form", `it does not inflate: ${what}`);
}

/** A prefix code: how many codes there are of each length, and their symbols in order (3.2.2). */
class Code {
  private readonly counts = new Uint16Array(BITS_MAX + 1);
  private readonly symbols: number[] = [];

  constructor(lengths: readonly number[]) {
    for (let length = 1; length <= BITS_MAX; length += 1) {
      lengths.forEach((own, symbol) => {
        if (own === length) this.symbols.push(symbol);
      });
      this.counts[length] = lengths.filter((own) => own === length).length;
    }
    let room = 1;
    for (let length = 1; length <= BITS_MAX; length += 1) {
      room = 2 * room - (this.counts[length] ?? 0);
      if (room < 0) wrong("a code has too many words");
    }
    // A code of one word, or none, is the only one that may leave room.
    if (room > 0 && this.symbols.length > 1) wrong("a code has too few words");
  }

  read(bits: Bits): number {
    let [code, first, index] = [0, 0, 0];
    for (let length = 1; length <= BITS_MAX; length += 1) {
      code |= bits.take(1);
      const count = this.counts[length] ?? 0;
      if (code - count < first) return this.symbols[index + code - first] ?? wrong("a word that stands for nothing");
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    return wrong("a word that stands for nothing");
  }
}

class Bits {
  private at = 0;
  private held = 0;
  private count = 0;

  constructor(private readonly bytes: Uint8Array) {}

  take(count: number): number {
    while (this.count < count) {
      this.held |= (this.bytes[this.at] ?? wrong("it ends too early")) << this.count;
      this.at += 1;
      this.count += 8;
    }
    const value = this.held & ((1 << count) - 1);
    this.held >>>= count;
    this.count -= count;
    return value;
  }

  /** Drops what is left of the byte that was begun. */
  align(): void {
    this.held = 0;
    this.count = 0;
  }

  atEnd(): boolean {
    return this.at === this.bytes.length;
  }
}

const FIXED = {
  lengths: new Code(Array.from({ length: 288 }, (_, symbol) => (symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8))),
  // All thirty-two words, of which two stand for nothing.
  distances: new Code(new Array<number>(32).fill(5)),
};

/** What the bytes inflate to, if it is at most `most` bytes. */
export function inflate(bytes: Uint8Array, most: number): Uint8Array {
  const bits = new Bits(bytes);
  const out: number[] = [];
  let last = false;
  while (!last) {
    last = bits.take(1) === 1;
    const kind = bits.take(2);
    if (kind === 0) stored(bits, out, most);
    else if (kind === 1) compressed(bits, FIXED, out, most);
    else if (kind === 2) compressed(bits, dynamic(bits), out, most);
    else wrong("a block of the reserved kind");
  }
  if (!bits.atEnd()) throw new Refused("form", "bytes follow its end");
  return Uint8Array.from(out);
}

function put(out: number[], byte: number, most: number): void {
  if (out.length >= most) wrong("to more than evidence in codes may be");
  out.push(byte);
}

function stored(bits: Bits, out: number[], most: number): void {
  bits.align();
  const length = bits.take(16);
  if (bits.take(16) !== (length ^ 0xffff)) wrong("a length and its complement differ");
  for (let index = 0; index < length; index += 1) put(out, bits.take(8), most);
}

function compressed(bits: Bits, codes: { lengths: Code; distances: Code }, out: number[], most: number): void {
  for (;;) {
    const symbol = codes.lengths.read(bits);
    if (symbol === 256) return;
    if (symbol < 256) {
      put(out, symbol, most);
      continue;
    }
    const length = extended(bits, symbol - 257, LENGTH_BASE, LENGTH_EXTRA);
    const distance = extended(bits, codes.distances.read(bits), DISTANCE_BASE, DISTANCE_EXTRA);
    if (distance > out.length) wrong("it repeats what was not yet there");
    for (let index = 0; index < length; index += 1) put(out, out[out.length - distance] ?? 0, most);
  }
}

function extended(bits: Bits, symbol: number, base: readonly number[], extra: readonly number[]): number {
  const begin = base[symbol] ?? wrong("a word that stands for nothing");
  return begin + bits.take(extra[symbol] ?? 0);
}

function dynamic(bits: Bits): { lengths: Code; distances: Code } {
  const [literals, distances, orders] = [bits.take(5) + 257, bits.take(5) + 1, bits.take(4) + 4];
  if (literals > 286 || distances > 30) wrong("too many words");
  const own = new Array<number>(19).fill(0);
  for (const place of ORDER.slice(0, orders)) own[place] = bits.take(3);
  const code = new Code(own);
  const all: number[] = [];
  while (all.length < literals + distances) {
    const symbol = code.read(bits);
    if (symbol < 16) {
      all.push(symbol);
      continue;
    }
    const before = symbol === 16 ? (all.at(-1) ?? wrong("it repeats what was not yet there")) : 0;
    const times = symbol === 16 ? 3 + bits.take(2) : symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7);
    if (all.length + times > literals + distances) wrong("too many lengths");
    for (let index = 0; index < times; index += 1) all.push(before);
  }
  if (all[256] === 0) wrong("a block without an end");
  return { lengths: new Code(all.slice(0, literals)), distances: new Code(all.slice(literals)) };
}
