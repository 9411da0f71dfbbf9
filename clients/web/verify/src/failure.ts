/** How a check fails: the one error that this package's own functions throw. */

/** What each check is called; Rust's verifier uses the same names. */
export type CheckName =
  | "form"
  | "header"
  | "ledger"
  | "seal"
  | "confirmations"
  | "inclusion"
  | "block"
  | "position"
  | "entry"
  | "signatures"
  | "state"
  | "object"
  | "value"
  | "age"
  | "taken-in"
  | "key"
  | "current";

/** A check failed, for a reason that a person can read. */
export class Refused extends Error {
  override readonly name = "Refused";

  constructor(
    /** Which check. */
    readonly check: CheckName,
    reason: string,
  ) {
    super(reason);
  }
}

/** Refuses, with this check, unless something holds. */
export function require(holds: boolean, check: CheckName, reason: string): asserts holds {
  if (!holds) throw new Refused(check, reason);
}
