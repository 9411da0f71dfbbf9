/** The signatures of a transition's parties: a JWS in General JSON Serialization (RFC 7515, 7.2.1). */

import { ascii, equal, fromBase64url, hashFromHex, toHex, utf8 } from "./bytes.js";
import { verifyStrict } from "./ed25519.js";
import { SIGNATURES_MAX } from "./entry.js";
import { Refused, require } from "./failure.js";
import { JsonObject, list, members, parseJson, text, type Json } from "./json.js";
import { keyId, parseKeyId, type Signer } from "./party.js";
import { timeFromText, timeToText } from "./time.js";

const TRANSITION_BYTES_MAX = 60 * 1024;
const ACTIONS_MAX = 64;
const TYPE = "chancery-transition+json";

/** What a transition states, and who has signed it. */
export interface Transition {
  readonly id: string;
  readonly notAfter: string;
  /** The payload as it was signed. */
  readonly payload: string;
  /** Which actions it asks for. */
  readonly actions: ReadonlyArray<{ readonly register: string; readonly action: string }>;
  /** The kids of those who have signed. */
  readonly signers: readonly string[];
}

/** Checks the form, the ledger and each signature. Every refusal is of the check `signatures`. */
export function checkTransition(bytes: Uint8Array, ledger: Uint8Array): Transition {
  try {
    return check(bytes, ledger);
  } catch (error) {
    throw error instanceof Refused ? new Refused("signatures", error.message) : error;
  }
}

function check(bytes: Uint8Array, ledger: Uint8Array): Transition {
  require(bytes.length <= TRANSITION_BYTES_MAX, "signatures", `it has more than ${TRANSITION_BYTES_MAX} bytes`);
  const jws = members(parseJson(utf8(bytes)), "payload", "signatures");
  const encoded = text(jws.payload);
  const parts = list(jws.signatures, SIGNATURES_MAX).map((part) => members(part, "protected", "signature"));
  require(parts.length >= 1, "signatures", "nobody has signed");
  const signers = parts.map((part) => signerOf(text(part.protected)));
  const keys = new Set(signers.map((signer) => toHex(signer.key)));
  require(keys.size === signers.length, "signatures", "a key signs more than once");
  const payload = fromBase64url(encoded);
  const stated = readPayload(payload, ledger);
  parts.forEach((part, index) => {
    const key = signers[index]?.key ?? new Uint8Array();
    const input = ascii(`${text(part.protected)}.${encoded}`);
    const holds = verifyStrict(key, fromBase64url(text(part.signature)), input);
    require(holds, "signatures", `the signature of ${signers[index] && keyId(signers[index])} does not verify`);
  });
  return { ...stated, payload: utf8(payload), signers: signers.map(keyId) };
}

function signerOf(encoded: string): Signer {
  const header = members(parseJson(utf8(fromBase64url(encoded))), "alg", "typ", "kid");
  const algorithm = text(header.alg);
  require(algorithm === "EdDSA" || algorithm === "Ed25519", "signatures", "alg is neither EdDSA nor Ed25519");
  require(text(header.typ) === TYPE, "signatures", `typ is not ${TYPE}`);
  return parseKeyId(text(header.kid));
}

function readPayload(bytes: Uint8Array, ledger: Uint8Array): Pick<Transition, "id" | "notAfter" | "actions"> {
  const payload = members(parseJson(utf8(bytes)), "ledger", "id", "not_after", "actions");
  const ours = equal(hashFromHex(text(payload.ledger)), ledger);
  require(ours, "signatures", "it was signed for another ledger");
  const id = text(payload.id);
  require(/^[!-~]{1,64}$/.test(id), "signatures", "id is not 1 to 64 printable ASCII characters");
  const notAfter = timeToText(timeFromText(text(payload.not_after)));
  const actions = list(payload.actions, ACTIONS_MAX).map(actionOf);
  require(actions.length >= 1, "signatures", "it asks for no action");
  return { id, notAfter, actions };
}

/** Which action it is. What else stands in it is for the rules of its register to judge. */
function actionOf(value: Json): { register: string; action: string } {
  const named = (name: string): string => {
    const found = value instanceof JsonObject ? value.members.filter(([own]) => own === name) : [];
    const [only, ...more] = found;
    if (only === undefined || more.length > 0) throw new Refused("signatures", `an action has not one ${name}`);
    return text(only[1]);
  };
  return { register: named("register"), action: named("action") };
}
