/** Log entries, and their compact form: a transition as our own clients write it is taken apart. */

import { ascii, concat, equal, fromBase64url, hashFromHex, toBase64url, toHex, utf8 } from "./bytes.js";
import type { CborReader, CborWriter } from "./cbor.js";
import { Refused, require } from "./failure.js";
import { fromShortSigner, keyId, parseKeyId, shortSigner, type Signer } from "./party.js";

export const SIGNATURES_MAX = 64;
const OUTCOME = /^[a-z0-9-]{1,48}$/;
const LINE_FEED = 0x0a;
/** How a payload of our own clients begins, with the ledger's id behind it: a null stands for both. */
const BEGINNING = '{"ledger":"';

const TRANSITION = /^\{"payload":"([A-Za-z0-9_-]*)","signatures":\[(.*)\]\}$/;
const SIGNATURE = /^\{"protected":"([A-Za-z0-9_-]+)","signature":"([A-Za-z0-9_-]{86})"\}$/;
const PROTECTED = /^\{"alg":"EdDSA","typ":"chancery-transition\+json","kid":"([A-Za-z0-9#_-]{69})"\}$/;
/** A hash in quotation marks; the closing one may open the next. */
const QUOTED_HASH = /"([0-9a-f]{64})(?=")/g;

interface Parts {
  readonly outcome: string;
  readonly payload: string;
  readonly signatures: ReadonlyArray<{ readonly by: Signer; readonly signature: Uint8Array }>;
}

/** The outcome and the transition of an entry. */
export function splitEntry(entry: Uint8Array): { outcome: string; transition: Uint8Array } {
  const end = entry.subarray(0, 49).indexOf(LINE_FEED);
  const outcome = end < 0 ? "" : String.fromCharCode(...entry.subarray(0, end));
  require(OUTCOME.test(outcome), "entry", "an outcome is 1 to 48 lower-case letters, digits and hyphens");
  return { outcome, transition: entry.subarray(end + 1) };
}

export function writeEntry(entry: Uint8Array, ledger: Uint8Array, into: CborWriter): void {
  const parts = takeApart(entry);
  if (parts === undefined) {
    into.bytes(entry);
    return;
  }
  into.array(3);
  into.text(parts.outcome);
  const pieces = piecesOf(parts.payload);
  const [first, second] = pieces;
  const begins = first === BEGINNING && second instanceof Uint8Array && equal(second, ledger);
  into.array(begins ? pieces.length - 1 : pieces.length);
  if (begins) into.null();
  for (const piece of begins ? pieces.slice(2) : pieces) {
    if (typeof piece === "string") into.text(piece);
    else if (equal(piece, ledger)) into.null();
    else into.bytes(piece);
  }
  into.array(2 * parts.signatures.length);
  for (const { by, signature } of parts.signatures) {
    into.bytes(shortSigner(by));
    into.bytes(signature);
  }
}

export function readEntry(from: CborReader, ledger: Uint8Array): Uint8Array {
  if (from.bytesNext()) return from.bytes();
  from.arrayOf(3);
  const outcome = from.text();
  let pieces = from.array();
  let payload = "";
  if (pieces > 0 && from.null()) {
    payload = BEGINNING + toHex(ledger);
    pieces -= 1;
  }
  for (let index = 0; index < pieces; index += 1) {
    if (index % 2 === 0) payload += from.text();
    else payload += toHex(from.null() ? ledger : from.bytesOf(32));
  }
  const items = from.array();
  const pairs = items % 2 === 0 && items <= 2 * SIGNATURES_MAX;
  require(pairs, "form", "the signatures do not stand in pairs, or are too many");
  const signatures = Array.from({ length: items / 2 }, () => {
    const by = fromShortSigner(from.bytes());
    return { by, signature: from.bytesOf(64) };
  });
  return putTogether({ outcome, payload, signatures });
}

function putTogether({ outcome, payload, signatures }: Parts): Uint8Array {
  return concat(new TextEncoder().encode(`${outcome}\n`), transitionOf(payload, signatures));
}

/** The transition as our own clients write it. */
export function transitionOf(payload: string, signatures: Parts["signatures"]): Uint8Array {
  const all = signatures.map(({ by, signature }) => {
    const header = `{"alg":"EdDSA","typ":"chancery-transition+json","kid":"${keyId(by)}"}`;
    return `{"protected":"${toBase64url(ascii(header))}","signature":"${toBase64url(signature)}"}`;
  });
  const encoded = toBase64url(new TextEncoder().encode(payload));
  return ascii(`{"payload":"${encoded}","signatures":[${all.join(",")}]}`);
}

/** The parts that together make exactly this entry, if there are such. */
function takeApart(entry: Uint8Array): Parts | undefined {
  const end = entry.indexOf(LINE_FEED);
  const parts = end < 0 ? undefined : payloadAndSignatures(entry.subarray(end + 1));
  try {
    return parts && { outcome: utf8(entry.subarray(0, end)), ...parts };
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

/** The payload and the signatures that together make exactly this transition, if there are such. */
export function payloadAndSignatures(transition: Uint8Array): Omit<Parts, "outcome"> | undefined {
  try {
    const [, encoded, all] = TRANSITION.exec(utf8(transition)) ?? [];
    if (encoded === undefined || all === undefined) return undefined;
    const each = all === "" ? [] : all.split(/(?<=\}),(?=\{)/);
    if (each.length > SIGNATURES_MAX) return undefined;
    const [payload, signatures] = [utf8(fromBase64url(encoded)), each.map(signatureOf)];
    return equal(transitionOf(payload, signatures), transition) ? { payload, signatures } : undefined;
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

function signatureOf(text: string): Parts["signatures"][number] {
  const [, header = "", signature = ""] = SIGNATURE.exec(text) ?? [];
  const [, kid = ""] = PROTECTED.exec(utf8(fromBase64url(header))) ?? [];
  return { by: parseKeyId(kid), signature: fromBase64url(signature) };
}

/** A payload cut at every hash in quotation marks: texts and hashes by turns. */
function piecesOf(payload: string): Array<string | Uint8Array> {
  const pieces: Array<string | Uint8Array> = [];
  let begin = 0;
  for (const { index, 1: digits = "" } of payload.matchAll(QUOTED_HASH)) {
    pieces.push(payload.slice(begin, index + 1), hashFromHex(digits));
    begin = index + 65;
  }
  pieces.push(payload.slice(begin));
  return pieces;
}
