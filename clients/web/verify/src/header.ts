/** A block's header: 220 bytes of fixed layout. */

import { concat } from "./bytes.js";
import { Refused, require } from "./failure.js";
import { TIME_MAX_MS } from "./time.js";

export interface Header {
  readonly ledger: Uint8Array;
  readonly height: bigint;
  readonly previous: Uint8Array;
  readonly timeMs: number;
  readonly bodyRoot: Uint8Array;
  readonly logSize: bigint;
  readonly logRoot: Uint8Array;
  readonly stateRoot: Uint8Array;
  readonly pool: Uint8Array;
}

export const HEADER_BYTES = 220;
const VERSION = 1;

export function decodeHeader(bytes: Uint8Array): Header {
  require(bytes.length === HEADER_BYTES, "header", `a header has ${HEADER_BYTES} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  require(view.getUint32(0) === VERSION, "header", "the header's version is not 1");
  const time = view.getBigUint64(76);
  if (time > BigInt(TIME_MAX_MS)) throw new Refused("header", "the time is past the year 9999");
  return {
    ledger: bytes.slice(4, 36),
    height: view.getBigUint64(36),
    previous: bytes.slice(44, 76),
    timeMs: Number(time),
    bodyRoot: bytes.slice(84, 116),
    logSize: view.getBigUint64(116),
    logRoot: bytes.slice(124, 156),
    stateRoot: bytes.slice(156, 188),
    pool: bytes.slice(188, 220),
  };
}

export function encodeHeader(header: Header): Uint8Array {
  const version = new Uint8Array(4);
  new DataView(version.buffer).setUint32(0, VERSION);
  return concat(
    version,
    header.ledger,
    u64(header.height),
    header.previous,
    u64(BigInt(header.timeMs)),
    header.bodyRoot,
    u64(header.logSize),
    header.logRoot,
    header.stateRoot,
    header.pool,
  );
}

export function u64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}
