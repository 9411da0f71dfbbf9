/**
 * The short form of a transition in receipts by their blocks and in credentials alone: its payload as one text, out of
 * which hashes, parties, times and ids are taken, and in which phrases that recur are one character.
 */

import { concat, equal, hashFromHex, toHex } from "./bytes.js";
import type { CborReader, CborWriter } from "./cbor.js";
import { payloadAndSignatures, SIGNATURES_MAX, transitionOf } from "./entry.js";
import { Refused, require } from "./failure.js";
import { fromShortSigner, idCode, parseIdCode, shortSigner } from "./party.js";
import { shortTime, TIME_MAX_MS, timeFromText } from "./time.js";

const PAYLOAD_LENGTH_MAX = 60 * 1024;
/** Stands in the text for the next of what was taken out. */
const TAKEN = "\u0000";
const PLAIN = /^[^\u0000-\u001f]*$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const HASH = /^[0-9a-f]{64}$/;

/** What the characters from U+0001 on stand for. Where two fit, the earlier does. */
const PHRASES = [
  '","actions":[{"register":"diplomas","action":"issue","institution":"',
  '","actions":[{"register":"identity","action":"',
  '","actions":[{"register":"marriages","action":"',
  '","actions":[{"register":"artworks","action":"',
  '","actions":[{"register":"parcels","action":"',
  '","actions":[{"register":"land","action":"',
  '","actions":[{"register":"',
  '","kind":"award","holder":"',
  '"},{"register":"',
  '","institution":"',
  '","not_after":"',
  '","programme":"',
  '","statement":"',
  '","awarded":"',
  '","action":"',
  '","holder":"',
  '","object":"',
  '","parcel":"',
  '","reason":"',
  '","record":"',
  '","serial":"',
  '{"ledger":"',
  '","party":"',
  '","title":"',
  '","kind":"',
  '","date":"',
  '","id":"',
  '","to":"',
  '","by":"',
  '"}]}',
  '":"',
] as const;

/** A hash, an id or a party by its bytes, or a time. */
type Taken = Uint8Array | number;

/** Writes a transition as four items: text, what was taken out, signers, signatures. */
export function writeSigned(transition: Uint8Array, ledger: Uint8Array, into: CborWriter): void {
  const parts = payloadAndSignatures(transition);
  if (parts === undefined || !isPlain(parts.payload)) {
    into.bytes(transition);
    into.array(0);
    into.array(0);
    into.bytes(new Uint8Array());
    return;
  }
  const { text, taken } = takenOut(parts.payload);
  into.text(shortened(text));
  into.array(taken.length);
  for (const item of taken) {
    if (typeof item === "number") into.integer(item);
    else if (equal(item, ledger)) into.null();
    else into.bytes(item);
  }
  into.array(parts.signatures.length);
  for (const { by } of parts.signatures) into.bytes(shortSigner(by));
  into.bytes(concat(...parts.signatures.map(({ signature }) => signature)));
}

/** Reads what `writeSigned` writes: the transition's bytes. */
export function readSigned(from: CborReader, ledger: Uint8Array): Uint8Array {
  if (from.bytesNext()) {
    const whole = from.bytes();
    from.arrayOf(0);
    from.arrayOf(0);
    from.bytesOf(0);
    return whole;
  }
  const text = from.text();
  const count = from.array();
  require(text.length <= PAYLOAD_LENGTH_MAX && count <= text.length, "form", "a payload is longer than that of any transition");
  const taken = Array.from({ length: count }, () => readTaken(from, ledger));
  const payload = putBack(text, taken);
  const signing = from.array();
  require(signing <= SIGNATURES_MAX, "form", "there are too many signatures");
  const signers = Array.from({ length: signing }, () => fromShortSigner(from.bytes()));
  const all = from.bytes();
  require(all.length === 64 * signing, "form", "there is not one signature for each signer");
  const signatures = signers.map((by, index) => ({ by, signature: all.subarray(64 * index, 64 * index + 64) }));
  return transitionOf(payload, signatures);
}

/** JSON has no control character, unless it is set in lines; then its characters have no room here. */
function isPlain(payload: string): boolean {
  return PLAIN.test(payload) && new TextEncoder().encode(payload).length <= PAYLOAD_LENGTH_MAX;
}

/** The payload with a mark in each place between two quotation marks from which something was taken. */
function takenOut(payload: string): { text: string; taken: Taken[] } {
  const taken: Taken[] = [];
  const segments = payload.split('"');
  const texts = segments.map((segment, index) => {
    const inside = index > 0 && index < segments.length - 1;
    const item = inside ? takenOf(segment) : undefined;
    if (item === undefined) return segment;
    taken.push(item);
    return TAKEN;
  });
  return { text: texts.join('"'), taken };
}

function takenOf(segment: string): Taken | undefined {
  try {
    if (HASH.test(segment)) return hashFromHex(segment);
    if (UUID.test(segment)) return fromHex(segment.replaceAll("-", ""));
    if (segment.length === 25) return parseIdCode(segment);
    if (segment.length < 20 || segment.length > 24) return undefined;
    const ms = timeFromText(segment);
    return shortTime(ms) === segment ? ms : undefined;
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

function fromHex(digits: string): Uint8Array {
  return Uint8Array.from({ length: digits.length / 2 }, (_, index) => Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16));
}

/** Puts a character in the place of each phrase, from left to right. */
function shortened(text: string): string {
  let short = "";
  for (let at = 0; at < text.length; ) {
    const found = PHRASES.findIndex((phrase) => text.startsWith(phrase, at));
    short += found < 0 ? text.charAt(at) : String.fromCharCode(found + 1);
    at += PHRASES[found]?.length ?? 1;
  }
  return short;
}

/** The payload of a short text. A phrase may make 68 characters of one, so its length is bounded. */
function putBack(text: string, taken: readonly string[]): string {
  let [payload, used] = ["", 0];
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === TAKEN) {
      payload += taken[used] ?? "";
      used += 1;
    } else {
      payload += PHRASES[character.charCodeAt(0) - 1] ?? character;
    }
    require(payload.length <= PAYLOAD_LENGTH_MAX, "form", "a payload is longer than that of any transition");
  }
  require(used === taken.length, "form", "a text has other marks than what was taken out");
  return payload;
}

function readTaken(from: CborReader, ledger: Uint8Array): string {
  if (from.null()) return toHex(ledger);
  if (!from.bytesNext()) {
    const ms = from.integer();
    require(ms <= TIME_MAX_MS, "form", "the time is past the year 9999");
    return shortTime(ms);
  }
  const bytes = from.bytes();
  if (bytes.length === 32) return toHex(bytes);
  if (bytes.length === 15) return idCode(bytes);
  require(bytes.length === 16, "form", "what was taken out is no hash, party, id or time");
  return toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
