import { printable } from '../printable.ts';

/** Knows the secrets of one run and takes them out of everything that is shown. */
export interface Redactor {
  /**
   * From now on `value` is not shown: as it is, and as it looks in URLs (also encoded twice), in base64 (also inside of a longer text, such as a login), in hexadecimal digits, in JSON (also JSON in
   * JSON), in HTML, quoted for a shell, and where its unprintable characters are escaped. Where a message is cut off within it, what is left of it is hidden, too. Of a value with several lines, each
   * long line counts by itself.
   * With fewer than 4 characters it is hidden only where it stands as a word of its own, as it is: everything else would be unreadable, and the
   * gaps would tell the value. An empty value hides nothing.
   */
  add(value: string): void;
  redact(text: string): string;
}

/** What stands where a secret was. */
export const REDACTED = '***';

const SHORTEST_ANYWHERE = 4;
/** Shorter lines of a secret with several lines, and pieces of it, could be anything. */
const SHORTEST_PART = 8;
/** A longer beginning of a secret that was cut off is looked for in so many characters. */
const LONGEST_CUT = 400;

export function createRedactor(): Redactor {
  const patterns = new Set<string>();
  let matcher: RegExp | undefined;
  return {
    add(value) {
      for (const pattern of patternsOf(value)) patterns.add(pattern);
      // The longest first: a secret that begins another one must not leave its end to be read.
      const sorted = [...patterns].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
      matcher = sorted.length === 0 ? undefined : new RegExp(sorted.join('|'), 'gmu');
    },
    redact: (text) => (matcher === undefined ? text : text.replace(matcher, REDACTED)),
  };
}

/** Sources of regular expressions. */
function patternsOf(value: string): string[] {
  if (value === '') return [];
  if ([...value].length < SHORTEST_ANYWHERE) return [`(?<![\\p{L}\\p{N}_])${literal(value)}(?![\\p{L}\\p{N}_])`];
  const lines = value.split(/[\r\n]+/).map((line) => line.trim());
  const parts = lines.length < 2 ? [] : lines.filter((line) => line.length >= SHORTEST_PART && !/^-----(BEGIN|END) [A-Z ]+-----$/.test(line));
  return [...new Set([value, value.trim(), ...parts])].filter((one) => one.length >= SHORTEST_ANYWHERE).flatMap(spellingsOf);
}

function spellingsOf(value: string): string[] {
  const json = inJson(value);
  const hex = Buffer.from(value).toString('hex');
  const spelled = [
    value,
    printable(value),
    json,
    inJson(json),
    ...inHtml(value),
    value.replaceAll("'", `'\\''`),
    ...base64Of(value),
    hex,
    hex.toUpperCase(),
  ];
  return [...new Set(spelled)].map(literal).concat(percentEncoded(value), [value, printable(value), json].flatMap(cutOff));
}

function inJson(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}

function inHtml(value: string): string[] {
  const escaped = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
  return ['&#39;', '&#x27;', '&apos;'].map((apostrophe) => escaped.replaceAll("'", apostrophe));
}

/** Messages are cut off at some length, at the end of a line or before an ellipsis: what stands there may be the beginning of a secret. */
function cutOff(value: string): string[] {
  const units = [...value].slice(0, LONGEST_CUT).map(literal);
  // The first line of a key is in every key.
  if (units.length <= SHORTEST_PART || /[\r\n]/.test(value) || value.startsWith('-----BEGIN ')) return [];
  const rest = units.slice(SHORTEST_PART).reduceRight((after, unit) => `(?:${unit}${after})?`, '');
  return [`${units.slice(0, SHORTEST_PART).join('')}${rest}(?=…|$)`];
}

/** Any mixture of characters as they are and `%XX` with digits of either case, or `%25XX`; a space also as `+` (forms). */
function percentEncoded(value: string): string {
  return [...value].map((character) => `(?:${character === ' ' ? ' |\\+' : literal(character)}|${anyCase(encodedOnceOrTwice(character))})`).join('');
}

function encodedOnceOrTwice(character: string): string {
  return percent(character).replaceAll('%', '%(?:25)?');
}

function percent(character: string): string {
  return [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

function anyCase(text: string): string {
  return text.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}

/**
 * Base64 takes three bytes at a time: inside of a longer text a value begins at one of three places of a group, and only the characters that no
 * neighbour has a part in are always the same.
 */
function base64Of(value: string): string[] {
  const bytes = Buffer.from(value);
  const inner = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64url');
    const first = [0, 2, 3][before] ?? 0;
    const shared = (before + bytes.length) % 3 === 0 ? 0 : 1;
    return text.slice(first, text.length - shared);
  });
  const whole = [bytes.toString('base64'), bytes.toString('base64url')];
  const pieces = inner.flatMap((piece) => [piece, piece.replaceAll('-', '+').replaceAll('_', '/')]).filter((piece) => piece.length >= SHORTEST_PART);
  return [...whole, ...pieces];
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&');
}
