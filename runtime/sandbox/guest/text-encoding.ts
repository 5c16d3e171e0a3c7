const REPLACEMENT = 0xfffd;

/** UTF-8, as in the Encoding Standard. */
export class TextEncoder {
  readonly encoding = 'utf-8';

  encode(text = ''): Uint8Array {
    const bytes = new Uint8Array(utf8Length(String(text)));
    this.encodeInto(String(text), bytes);
    return bytes;
  }

  encodeInto(text: string, into: Uint8Array): { read: number; written: number } {
    let read = 0;
    let written = 0;
    for (const character of text) {
      const code = scalarValue(character);
      const length = encodedLength(code);
      if (written + length > into.length) break;
      writeCode(code, length, into, written);
      read += character.length;
      written += length;
    }
    return { read, written };
  }
}

/** UTF-8 only: the one encoding that scripts of this tool need; other labels are refused. */
export class TextDecoder {
  readonly encoding = 'utf-8';
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  #rest: Uint8Array = new Uint8Array(0);
  #begun = false;

  constructor(label = 'utf-8', options: { fatal?: boolean; ignoreBOM?: boolean } = {}) {
    if (!/^\s*(unicode-1-1-)?utf-?8\s*$/i.test(String(label))) throw new RangeError(`the encoding "${label}" is not available here, only utf-8 is`);
    this.fatal = Boolean(options.fatal);
    this.ignoreBOM = Boolean(options.ignoreBOM);
  }

  decode(input?: ArrayBuffer | ArrayBufferView, options: { stream?: boolean } = {}): string {
    const bytes = joined(this.#rest, bytesOf(input));
    const end = options.stream ? completeLength(bytes) : bytes.length;
    this.#rest = bytes.slice(end);
    let text = decodeUtf8(bytes.subarray(0, end), this.fatal);
    if (!this.#begun && !this.ignoreBOM && text.startsWith('\ufeff')) text = text.slice(1);
    this.#begun = options.stream ? this.#begun || end > 0 : false;
    return text;
  }
}

function scalarValue(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  return code >= 0xd800 && code <= 0xdfff ? REPLACEMENT : code;
}

function encodedLength(code: number): number {
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}

function utf8Length(text: string): number {
  let length = 0;
  for (const character of text) length += encodedLength(scalarValue(character));
  return length;
}

function writeCode(code: number, length: number, into: Uint8Array, at: number): void {
  if (length === 1) {
    into[at] = code;
    return;
  }
  for (let index = length - 1, rest = code; index > 0; index--, rest >>= 6) into[at + index] = 0x80 | (rest & 0x3f);
  into[at] = ((0xf00 >> length) & 0xff) | (code >> (6 * (length - 1)));
}

function bytesOf(input: ArrayBuffer | ArrayBufferView | undefined): Uint8Array {
  if (input === undefined) return new Uint8Array(0);
  return ArrayBuffer.isView(input) ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength) : new Uint8Array(input);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

/** How many bytes a sequence has that begins so, and the range of its second byte (Unicode 15, table 3-7); undefined: none begins so. */
function sequence(lead: number): readonly [length: number, low: number, high: number] | undefined {
  if (lead < 0x80) return [1, 0, 0];
  if (lead >= 0xc2 && lead <= 0xdf) return [2, 0x80, 0xbf];
  if (lead >= 0xe0 && lead <= 0xef) return [3, lead === 0xe0 ? 0xa0 : 0x80, lead === 0xed ? 0x9f : 0xbf];
  if (lead >= 0xf0 && lead <= 0xf4) return [4, lead === 0xf0 ? 0x90 : 0x80, lead === 0xf4 ? 0x8f : 0xbf];
  return undefined;
}

/** The bytes before a sequence that is cut off at the end. */
function completeLength(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0xc0) return (sequence(byte)?.[0] ?? 1) > back ? bytes.length - back : bytes.length;
    if (byte < 0x80) break;
  }
  return bytes.length;
}

function decodeUtf8(bytes: Uint8Array, fatal: boolean): string {
  const parts: string[] = [];
  let codes: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [code, length] = readCode(bytes, at);
    if (code === undefined && fatal) throw new TypeError('these bytes are not utf-8');
    codes.push(code ?? REPLACEMENT);
    at += length;
    if (codes.length === 4096) {
      parts.push(String.fromCodePoint(...codes));
      codes = [];
    }
  }
  return parts.join('') + String.fromCodePoint(...codes);
}

/** The character at a place and its length; undefined for the longest wrong beginning there (one replacement character each). */
function readCode(bytes: Uint8Array, at: number): readonly [code: number | undefined, length: number] {
  const lead = bytes[at] ?? 0;
  const kind = sequence(lead);
  if (!kind) return [undefined, 1];
  const [length, low, high] = kind;
  let code = length === 1 ? lead : lead & (0x7f >> length);
  for (let index = 1; index < length; index++) {
    const byte = bytes[at + index];
    if (byte === undefined || byte < (index === 1 ? low : 0x80) || byte > (index === 1 ? high : 0xbf)) return [undefined, index];
    code = (code << 6) | (byte & 0x3f);
  }
  return [code, length];
}
