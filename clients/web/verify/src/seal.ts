/** Why a block counts: a pool has signed its header, or somebody has worked on it; and the headers that follow. */

import { ascii, concat, equal, sha256, toHex } from "./bytes.js";
import { verifyStrict } from "./ed25519.js";
import type { Confirmation, Evidence, PoolSeal, Seal } from "./evidence.js";
import { Refused, require } from "./failure.js";
import { type Anchor, termAt } from "./genesis.js";
import { decodeHeader, type Header, u64 } from "./header.js";
import { checkWork, FINAL_DEPTH_MAX, hashesFor, targetAfter, targetHash, type WorkRules } from "./work.js";

/** What work stands behind evidence. */
export interface ShownWork {
  /** How many headers follow, as far as the evidence shows. */
  readonly confirmations: number;
  /** How many must follow for nodes to call the block final, by the genesis. */
  readonly finalDepth: number;
  /** The hashes that the block and those that follow stand for, on the average: a decimal number. */
  readonly work: string;
}

/** Refuses a header, of these bytes, that was not sealed as the anchor asks for. */
export function checkSeal(bytes: Uint8Array, header: Header, seal: Seal, anchor: Anchor): void {
  if (seal === "genesis") {
    throw new Refused("seal", "block 0 carries no signature: replay the genesis to check it");
  }
  const ofWork = "target" in seal;
  require(ofWork === (anchor.work !== null), "seal", "the block is not sealed in the way that the genesis asks for");
  if (ofWork && anchor.work !== null) checkWork(seal, header, sha256(bytes), anchor.work);
  else if (!ofWork) checkVotes(bytes, header, seal, anchor);
}

function checkVotes(bytes: Uint8Array, header: Header, seal: PoolSeal, anchor: Anchor): void {
  const { pool, validators } = termAt(anchor, header.height);
  require(equal(header.pool, pool), "seal", "the block was sealed by a pool that the anchor does not hold");
  const message = voteBytes(bytes, header, seal);
  const all = validators.reduce((sum, member) => sum + member.power, 0);
  const voted = new Set<string>();
  let signed = 0;
  for (const { validator, signature } of seal.votes) {
    const member = validators.find(({ key }) => equal(key, validator));
    const name = toHex(validator);
    require(member !== undefined, "seal", `a signature is of ${name}, which is not in the pool`);
    require(!voted.has(name), "seal", `the signature of ${member.name} stands twice`);
    require(verifyStrict(validator, signature, message), "seal", `the signature of ${member.name} does not verify`);
    voted.add(name);
    signed += member.power;
  }
  // Powers are below 2^32 and at most 128, so thrice their sum is exact.
  require(3 * signed > 2 * all, "seal", `validators with ${signed} of ${all} power have signed; more than two thirds must`);
}

function voteBytes(bytes: Uint8Array, header: Header, seal: PoolSeal): Uint8Array {
  const round = new Uint8Array(4);
  new DataView(round.buffer).setUint32(0, seal.round);
  return concat(ascii("chancery precommit 1\0"), header.ledger, u64(header.height), round, sha256(bytes));
}

/** Refuses headers that do not follow one from the other, and sums the work. */
export function shownWork(evidence: Evidence, header: Header, anchor: Anchor): ShownWork | undefined {
  const { seal, confirmations } = evidence;
  const { work: rules } = anchor;
  if (rules === null || seal === "genesis" || !("target" in seal)) {
    require(confirmations.length === 0, "confirmations", "a block that a pool has sealed needs no confirmation, and has none");
    return undefined;
  }
  require(confirmations.length <= FINAL_DEPTH_MAX, "confirmations", `there are more than ${FINAL_DEPTH_MAX}`);
  let work = hashesFor(seal.target);
  let before = { header, name: sha256(evidence.header) };
  confirmations.forEach((confirmation, index) => {
    before = following(before, confirmation, anchor, rules, index);
    if (confirmation.seal !== "genesis" && "target" in confirmation.seal) work += hashesFor(confirmation.seal.target);
  });
  return { confirmations: confirmations.length, finalDepth: rules.finalDepth, work: work.toString() };
}

interface Named {
  readonly header: Header;
  readonly name: Uint8Array;
}

/** The header that follows, when it does. */
function following(before: Named, { header: bytes, seal }: Confirmation, anchor: Anchor, rules: WorkRules, index: number): Named {
  const header = asConfirmation(index, () => {
    const decoded = decodeHeader(bytes);
    checkSeal(bytes, decoded, seal, anchor);
    return decoded;
  });
  const holds = {
    ledger: equal(header.ledger, before.header.ledger),
    "previous block": equal(header.previous, before.name),
    height: header.height === before.header.height + 1n,
    time: header.timeMs > before.header.timeMs,
    target: equal(header.pool, targetHash(targetAfter(rules, before.header))),
  };
  const [apart] = Object.entries(holds).find(([, held]) => !held) ?? [];
  require(apart === undefined, "confirmations", `header ${index}: its ${apart} does not follow from the header before it`);
  return { header, name: sha256(bytes) };
}

/** What else would be another check's is here one of the headers that follow. */
function asConfirmation<T>(index: number, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw error instanceof Refused ? new Refused("confirmations", `header ${index}: ${error.message}`) : error;
  }
}
