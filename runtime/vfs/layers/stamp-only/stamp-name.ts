import { createHash } from 'node:crypto';

/** What a note tells: docs/tfs-format.md. */
export interface StampName {
  readonly name: string;
  readonly size: number;
  /** Whole ms since 1970; absent where the file came without a time. */
  readonly modifiedMs?: number;
}

/** What the name of a note tells: of a long name the hash, the name itself is what the note holds. */
export type ParsedStampName = Omit<StampName, 'name'> & ({ readonly name: string } | { readonly nameHash: string });

/** Bytes of a note's name. Of the 255 that file systems take, layers below need some. */
const MOST_BYTES = 200;
const HEAD_BYTES = 100;
const LONG_ENDING = '.sx.tfl';
const STAMP_NAME = /^(.+)\.([0-9a-z]{1,11})(?:_(-?[0-9a-z]{1,11}))?\.sx\.tf([sl])$/is;
const NAME_HASH = /~([0-9a-f]{32})$/;

/** `photo.jpg`, 12345 bytes, of a time → `photo.jpg.9ix_lr2k9c00.sx.tfs`; of a long name the beginning and a hash. */
export function formatStampName({ name, size, modifiedMs }: StampName): string {
  const time = modifiedMs === undefined ? '' : `_${Math.floor(modifiedMs).toString(36)}`;
  const stamp = `.${size.toString(36)}${time}`;
  const whole = `${name}${stamp}.sx.tfs`;
  return Buffer.byteLength(whole) <= MOST_BYTES ? whole : `${headOf(name)}~${nameHashOf(name)}${stamp}${LONG_ENDING}`;
}

/** undefined: no name of ours. */
export function parseStampName(stored: string): ParsedStampName | undefined {
  const [, name, size, time, form] = STAMP_NAME.exec(stored) ?? [];
  if (name === undefined || size === undefined) return undefined;
  const bytes = Number.parseInt(size, 36);
  if (!Number.isSafeInteger(bytes)) return undefined;
  const told = { size: bytes, ...(time === undefined ? {} : { modifiedMs: Number.parseInt(time, 36) }) };
  if (form?.toLowerCase() === 's') return { name, ...told };
  const [, nameHash] = NAME_HASH.exec(name) ?? [];
  return nameHash === undefined ? undefined : { nameHash, ...told };
}

/** What a note of that name holds. */
export function textOfNote(stored: string, name: string): string {
  return stored.endsWith(LONG_ENDING) ? name : '';
}

export function nameHashOf(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 32);
}

function headOf(name: string): string {
  let head = '';
  for (const character of name) {
    if (Buffer.byteLength(head + character) > HEAD_BYTES) return head;
    head += character;
  }
  return head;
}
