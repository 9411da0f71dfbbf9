/**
 * Checks what a Chancery ledger gives people to hold, with its genesis and nothing else.
 *
 * ```ts
 * const report = verify(await file.bytes(), readAnchor(genesis), { nowMs: Date.now() });
 * if (report.holds) show(report.stated, report.asOf, report.checks);
 * ```
 */

export { verify, read } from "./verify.js";
export type { AsOf, Check, Options, Report, Statement } from "./verify.js";
export { readAnchor } from "./genesis.js";
export type { Anchor, Term, Validator } from "./genesis.js";
export { follow } from "./handover.js";
export type { BlockReceipt, Confirmation, Credential, Evidence, PoolSeal, Receipt, Seal, StatusProof, Vote } from "./evidence.js";
export type { ShownWork } from "./seal.js";
export type { Work, WorkRules } from "./work.js";
export type { Item } from "./cbor.js";
export { anyFromCompact, fromCompact, MEDIA_TYPE, toCompact } from "./compact.js";
export type { Beside } from "./log.js";
export type { Transition } from "./transition.js";
export { fromCodes, isCode, toCodes } from "./code.js";
export { Refused } from "./failure.js";
export type { CheckName } from "./failure.js";
export { verifyStrict } from "./ed25519.js";
