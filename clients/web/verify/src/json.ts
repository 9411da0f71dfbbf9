/**
 * JSON (RFC 8259), read strictly: `JSON.parse` takes the last of two members of one name, where others
 * take the first, so evidence could say two things. Here both are kept, and `members` refuses them.
 */

import { Refused } from "./failure.js";

/** An object, with its members as they stand. */
export class JsonObject {
  constructor(readonly members: ReadonlyArray<readonly [string, Json]>) {}
}

/** A number, with its digits as they stand: numbers beyond 2^53 must not be rounded. */
export class JsonNumber {
  constructor(readonly digits: string) {}
}

export type Json = null | boolean | string | JsonNumber | readonly Json[] | JsonObject;

/** No document here is nested more deeply by itself. */
const DEPTH_MAX = 127;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const PLAIN_TEXT = /[^"\\\u0000-\u001f]*/y;
const ESCAPES = new Map([..."\"\\/"].map((character) => [character, character]));
for (const [letter, character] of Object.entries({ b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" })) {
  ESCAPES.set(letter, character);
}

function wrong(what: string): never {
  throw new Refused("form", `it is not JSON: ${what}`);
}

/** Reads one document; nothing may follow. */
export function parseJson(text: string): Json {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.space();
  if (reader.at !== text.length) wrong("something follows its end");
  return value;
}

class Reader {
  at = 0;

  constructor(private readonly text: string) {}

  space(): void {
    while (this.at < this.text.length && " \t\n\r".includes(this.text.charAt(this.at))) this.at += 1;
  }

  value(depth: number): Json {
    if (depth > DEPTH_MAX) wrong("it is nested too deeply");
    this.space();
    const first = this.text.charAt(this.at);
    if (first === "{") return this.object(depth);
    if (first === "[") return this.array(depth);
    if (first === '"') return this.string();
    for (const [word, value] of [["null", null], ["true", true], ["false", false]] as const) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    return new JsonNumber(this.match(NUMBER));
  }

  private object(depth: number): JsonObject {
    const members: Array<readonly [string, Json]> = [];
    this.list("{", "}", () => {
      const name = this.string();
      this.space();
      this.expect(":");
      members.push([name, this.value(depth + 1)]);
    });
    return new JsonObject(members);
  }

  private array(depth: number): readonly Json[] {
    const items: Json[] = [];
    this.list("[", "]", () => items.push(this.value(depth + 1)));
    return items;
  }

  private list(open: string, close: string, item: () => void): void {
    this.expect(open);
    this.space();
    if (this.text.charAt(this.at) === close) {
      this.at += 1;
      return;
    }
    for (;;) {
      this.space();
      item();
      this.space();
      if (this.text.charAt(this.at) !== ",") break;
      this.at += 1;
    }
    this.expect(close);
  }

  private string(): string {
    this.expect('"');
    let value = "";
    for (;;) {
      value += this.match(PLAIN_TEXT);
      const next = this.text.charAt(this.at);
      this.at += 1;
      if (next === '"') return wellFormed(value);
      if (next !== "\\") wrong("a text does not end, or holds a control character");
      value += this.escaped();
    }
  }

  private escaped(): string {
    const letter = this.text.charAt(this.at);
    this.at += 1;
    if (letter !== "u") return ESCAPES.get(letter) ?? wrong("an escape that there is not");
    const digits = this.text.slice(this.at, this.at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) wrong("an escape that there is not");
    this.at += 4;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined) wrong("something that stands in no document");
    this.at += found.length;
    return found;
  }

  private expect(character: string): void {
    if (this.text.charAt(this.at) !== character) wrong(`a ${character} should stand where something else does`);
    this.at += 1;
  }
}

/** A text with half a pair of surrogates is no text. */
function wellFormed(text: string): string {
  if (/\p{Surrogate}/u.test(text)) wrong("half a character");
  return text;
}

/** The members of an object that must have exactly these, each once. */
export function members<Name extends string>(value: Json, ...names: readonly Name[]): Record<Name, Json> {
  if (!(value instanceof JsonObject)) throw new Refused("form", `it should be an object of ${names.join(", ")}`);
  const found = new Map(value.members);
  const asked = names.every((name) => found.has(name));
  if (value.members.length !== names.length || !asked) {
    throw new Refused("form", `it should have exactly the members ${names.join(", ")}`);
  }
  return Object.fromEntries(found) as Record<Name, Json>;
}

/** An object without one member that it may have, and that member. */
export function apart(value: Json, name: string): readonly [Json, Json | undefined] {
  if (!(value instanceof JsonObject)) return [value, undefined];
  const [one, ...more] = value.members.filter(([own]) => own === name);
  if (more.length > 0) throw new Refused("form", `the member ${name} stands twice`);
  return [new JsonObject(value.members.filter(([own]) => own !== name)), one?.[1]];
}

export function text(value: Json): string {
  if (typeof value !== "string") throw new Refused("form", "a text should stand where something else does");
  return value;
}

export function list(value: Json, most: number): readonly Json[] {
  if (!Array.isArray(value)) throw new Refused("form", "a list should stand where something else does");
  if (value.length > most) throw new Refused("form", `a list has more than ${most} items`);
  return value as readonly Json[];
}

/** An integer from 0 to `most`, which is below 2^53. */
export function integer(value: Json, most: number = Number.MAX_SAFE_INTEGER): number {
  const digits = value instanceof JsonNumber ? value.digits : "";
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(digits) || Number(digits) > most) {
    throw new Refused("form", `an integer from 0 to ${most} should stand where something else does`);
  }
  return Number(digits);
}
