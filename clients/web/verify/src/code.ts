/** CH1: compact evidence as the text of a QR code, or of several that belong together. */

import { concat, equal, sha256 } from "./bytes.js";
import { fromBase45, toBase45 } from "./base45.js";
import { FIRST_BYTES } from "./compact.js";
import { Refused, require } from "./failure.js";
import { inflate } from "./inflate.js";

export const PARTS_MAX = 9;
export const CODED_BYTES_MAX = 2 ** 14;
const TEXT_LENGTH_MAX = 4296;
const TAG_BYTES = 4;
const PREFIX = "CH1:";
const PART = /^CH1-([1-9])\/([2-9]):(.*)$/s;

/** Whether a text begins as the text of a code does. */
export function isCode(text: string): boolean {
  return text.startsWith("CH1:") || text.startsWith("CH1-");
}

/** The texts of so many codes for compact evidence; with 1 part, that of one code. */
export async function toCodes(compact: Uint8Array, parts = 1): Promise<string[]> {
  const packed = await pack(compact);
  if (parts <= 1) return [PREFIX + toBase45(packed)];
  const count = Math.min(parts, PARTS_MAX);
  const tag = sha256(packed).subarray(0, TAG_BYTES);
  const bound = (index: number): number => Math.floor((packed.length * index) / count);
  return Array.from({ length: count }, (_, index) => {
    const slice = packed.subarray(bound(index), bound(index + 1));
    return `CH1-${index + 1}/${count}:${toBase45(concat(tag, slice))}`;
  });
}

/** The compact evidence of a code, or of all the parts of one in any order. */
export function fromCodes(texts: readonly string[]): Uint8Array {
  const [first = ""] = texts;
  if (texts.length === 1 && first.startsWith(PREFIX)) return unpack(decode(first.slice(PREFIX.length)));
  return unpack(join(texts));
}

function join(texts: readonly string[]): Uint8Array {
  require(texts.length <= PARTS_MAX, "form", "it is no code, or not all parts of one are here");
  const parts = new Map<number, Uint8Array>();
  for (const text of texts) {
    const [, index = "", count = "", rest = ""] = PART.exec(text) ?? [];
    const fits = Number(count) === texts.length && Number(index) <= texts.length && index !== "";
    require(fits, "form", "it is no code, or not all parts of one are here");
    require(!parts.has(Number(index)), "form", "one part stands twice");
    parts.set(Number(index), decode(rest));
  }
  const inOrder = [...parts].sort(([left], [right]) => left - right).map(([, bytes]) => bytes);
  const tag = inOrder[0]?.subarray(0, TAG_BYTES) ?? new Uint8Array();
  const together = inOrder.every((part) => part.length >= TAG_BYTES && equal(part.subarray(0, TAG_BYTES), tag));
  require(together, "form", "the parts are of different evidence");
  const whole = concat(...inOrder.map((part) => part.subarray(TAG_BYTES)));
  const same = equal(sha256(whole).subarray(0, TAG_BYTES), tag);
  require(same, "form", "the parts do not make up what they were cut from");
  return whole;
}

function decode(base45: string): Uint8Array {
  require(base45.length <= TEXT_LENGTH_MAX, "form", "it is longer than any code");
  return fromBase45(base45);
}

function unpack(packed: Uint8Array): Uint8Array {
  return FIRST_BYTES.includes(packed[0] ?? -1) ? packed : inflate(packed, CODED_BYTES_MAX);
}

/** Deflated where that is shorter. What comes out may differ between engines; what it inflates to does not. */
async function pack(compact: Uint8Array): Promise<Uint8Array> {
  if (!FIRST_BYTES.includes(compact[0] ?? -1)) throw new Refused("form", "it is not compact evidence");
  const deflating = new Blob([compact.slice()]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const deflated = new Uint8Array(await new Response(deflating).arrayBuffer());
  return deflated.length < compact.length ? deflated : compact;
}
