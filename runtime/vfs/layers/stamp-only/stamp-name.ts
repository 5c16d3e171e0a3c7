/** What the name of a stored file tells: docs/tfs-format.md. */
export interface StampName {
  readonly name: string;
  readonly size: number;
  /** Whole ms since 1970; absent where the file came without a time. */
  readonly modifiedMs?: number;
}

const STAMP_NAME = /^(.+)\.([0-9a-z]{1,11})(?:_(-?[0-9a-z]{1,11}))?\.sx\.tfs$/is;

/** `photo.jpg`, 12345 bytes, of a time → `photo.jpg.9ix_lr2k9c00.sx.tfs`. */
export function formatStampName({ name, size, modifiedMs }: StampName): string {
  const time = modifiedMs === undefined ? '' : `_${Math.floor(modifiedMs).toString(36)}`;
  return `${name}.${size.toString(36)}${time}.sx.tfs`;
}

/** undefined: no name of ours. */
export function parseStampName(stored: string): StampName | undefined {
  const [, name, size, time] = STAMP_NAME.exec(stored) ?? [];
  if (name === undefined || size === undefined) return undefined;
  const bytes = Number.parseInt(size, 36);
  if (!Number.isSafeInteger(bytes)) return undefined;
  return { name, size: bytes, ...(time === undefined ? {} : { modifiedMs: Number.parseInt(time, 36) }) };
}
