/** Times: milliseconds since 1970-01-01T00:00:00Z, to the year 9999. */

import { Refused } from "./failure.js";

export const TIME_MAX_MS = 253_402_300_799_999;

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** A time from its RFC 3339 text. */
export function timeFromText(text: string): number {
  const wrong = (): never => {
    throw new Refused("form", "a time is RFC 3339, from 1970 to 9999");
  };
  const [, year = "", month = "", day = "", hour = "", minute = "", second = ""] = RFC_3339.exec(text) ?? wrong();
  const length = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  const fits = Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= length;
  if (!fits || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) wrong();
  const ms = Date.parse(text.toUpperCase());
  return Number.isFinite(ms) && ms >= 0 && ms <= TIME_MAX_MS ? ms : wrong();
}

export function timeToText(ms: number): string {
  return new Date(ms).toISOString();
}

/** The time as ledgers write it: with no more digits of the second than it takes. */
export function shortTime(ms: number): string {
  return timeToText(ms).replace(/\.?0*Z$/, "Z");
}
