/**
 * CBOR (RFC 8949) in its one encoding (4.2.1): the few kinds of items that compact evidence is written in,
 * and the DAG-CBOR of a stored object.
 */

import { concat, equal, toHex, utf8 } from "./bytes.js";
import { Refused } from "./failure.js";

const [UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP] = [0, 1, 2, 3, 4, 5] as const;
const [FALSE, TRUE, NULL, FLOAT64] = [0xf4, 0xf5, 0xf6, 0xfb] as const;
/** Objects are not nested more deeply. */
const DEPTH_MAX = 64;

function wrong(what: string): never {
  throw new Refused("form", what);
}

/** Reads one item after the other. A length is compared with what is left before anything is taken. */
export class CborReader {
  private at = 0;

  constructor(private readonly input: Uint8Array) {}

  private take(length: number): Uint8Array {
    if (length > this.input.length - this.at) wrong("it ends too early");
    this.at += length;
    return this.input.subarray(this.at - length, this.at);
  }

  private peek(): number {
    return this.input[this.at] ?? wrong("it ends too early");
  }

  private head(): readonly [major: number, argument: bigint] {
    const first = this.take(1)[0] ?? 0;
    const short = first & 0x1f;
    if (short < 24) return [first >> 5, BigInt(short)];
    if (short > 27) wrong("a length is left open or reserved");
    const size = short - 24;
    const value = this.take(1 << size).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    const least = [24n, 1n << 8n, 1n << 16n, 1n << 32n][size] ?? 0n;
    if (value < least) wrong("a number is written longer than it need be");
    return [first >> 5, value];
  }

  private length(major: number, what: string): number {
    const [found, value] = this.head();
    if (found !== major) wrong(`${what} should stand where another item does`);
    if (value > BigInt(this.input.length - this.at)) wrong("it ends too early");
    return Number(value);
  }

  integer(): number {
    const [found, value] = this.head();
    if (found !== UNSIGNED) wrong("an unsigned integer should stand where another item does");
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) wrong("an integer is not below 2^53");
    return Number(value);
  }

  bytes(): Uint8Array {
    return this.take(this.length(BYTES, "a byte string"));
  }

  bytesOf(length: number): Uint8Array {
    const bytes = this.bytes();
    if (bytes.length !== length) wrong("a byte string has another length than it must have");
    return bytes;
  }

  text(): string {
    return utf8(this.take(this.length(TEXT, "a text")));
  }

  /** How many items the next array has; each takes a byte at least. */
  array(): number {
    return this.length(ARRAY, "an array");
  }

  arrayOf(length: number): void {
    if (this.array() !== length) wrong("an array has another length than it must have");
  }

  /** Takes a null if one is next. */
  null(): boolean {
    const next = this.input[this.at] === NULL;
    if (next) this.at += 1;
    return next;
  }

  bytesNext(): boolean {
    return (this.input[this.at] ?? 0) >> 5 === BYTES;
  }

  end(): void {
    if (this.at !== this.input.length) wrong("bytes follow its end");
  }

  /** Any item of DAG-CBOR but links. */
  item(depth = 0): Item {
    if (depth > DEPTH_MAX) wrong("it is nested too deeply");
    const first = this.peek();
    if (first === FLOAT64) return wrong("no object holds a float");
    if (first === FALSE || first === TRUE || first === NULL) {
      this.at += 1;
      return first === NULL ? null : first === TRUE;
    }
    switch (first >> 5) {
      case UNSIGNED:
      case NEGATIVE: {
        const [major, value] = this.head();
        return exact(major === UNSIGNED ? value : -1n - value);
      }
      case BYTES:
        return { hex: toHex(this.bytes()) };
      case TEXT:
        return this.text();
      case ARRAY:
        return Array.from({ length: this.array() }, () => this.item(depth + 1));
      case MAP:
        return this.map(depth);
      default:
        return wrong("an item that no object holds");
    }
  }

  private map(depth: number): Item {
    const entries: Array<[string, Item]> = [];
    const length = this.length(MAP, "a map");
    for (let index = 0; index < length; index += 1) entries.push([this.text(), this.item(depth + 1)]);
    if (new Set(entries.map(([name]) => name)).size !== length) wrong("a member stands twice");
    return new Map(entries);
  }
}

/** A stored object, or a part of it. Byte strings (hashes, keys, parties) come as hexadecimal digits. */
export type Item = null | boolean | number | string | { readonly hex: string } | readonly Item[] | ReadonlyMap<string, Item>;

function exact(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) wrong("an integer is not within 2^53");
  return number;
}

/** Writes one item after the other. */
export class CborWriter {
  private readonly parts: Uint8Array[] = [];

  private head(major: number, value: number): void {
    const size = value < 24 ? -1 : value < 2 ** 8 ? 0 : value < 2 ** 16 ? 1 : value < 2 ** 32 ? 2 : 3;
    if (size < 0) {
      this.parts.push(Uint8Array.of((major << 5) | value));
      return;
    }
    const digits = new Uint8Array(8);
    new DataView(digits.buffer).setBigUint64(0, BigInt(value));
    this.parts.push(Uint8Array.of((major << 5) | (24 + size)), digits.subarray(8 - (1 << size)));
  }

  integer(value: number): void {
    this.head(UNSIGNED, value);
  }

  bytes(bytes: Uint8Array): void {
    this.head(BYTES, bytes.length);
    this.parts.push(bytes);
  }

  text(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.head(TEXT, bytes.length);
    this.parts.push(bytes);
  }

  array(length: number): void {
    this.head(ARRAY, length);
  }

  null(): void {
    this.parts.push(Uint8Array.of(NULL));
  }

  finish(): Uint8Array {
    return concat(...this.parts);
  }
}

/** Whether what was written is exactly these bytes. */
export function isWrittenAs(writer: CborWriter, bytes: Uint8Array): boolean {
  return equal(writer.finish(), bytes);
}
