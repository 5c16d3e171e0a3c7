import { crc32, deflateRawSync } from 'node:zlib';

/** An entry as any program may write it, right or wrong. */
export interface EntryLiteral {
  readonly name: string | Buffer;
  readonly data?: string | Uint8Array;
  readonly flags?: number;
  /** Default: 8, deflated. */
  readonly method?: number;
  /** Who made it: 3 Unix (default), 0 and 11 Windows, 19 macOS. */
  readonly system?: number;
  /** Unix mode, or attributes of DOS where the system is none of Unix. */
  readonly attributes?: number;
  readonly extra?: Buffer;
  /** What is said instead of the truth. */
  readonly said?: { readonly size?: number; readonly crc?: number; readonly compressedSize?: number };
  /** Sizes only behind the data, with a signature or without. */
  readonly descriptor?: 'signed' | 'bare';
}

/** DOS date and time of 2024-02-29 13:14:14. */
export const DOS_DATE = (44 << 9) | (2 << 5) | 29;
export const DOS_TIME = (13 << 11) | (14 << 5) | 7;

/** The bytes of an archive, made by hand. */
export function zipBytes(entries: readonly EntryLiteral[], around: { readonly before?: Buffer; readonly comment?: string } = {}): Buffer {
  const before = around.before ?? Buffer.alloc(0);
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const { local, central } = entryBytes(entry, offset);
    parts.push(local);
    directory.push(central);
    offset += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length % 0x1_0000, 8);
  end.writeUInt16LE(entries.length % 0x1_0000, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  const comment = Buffer.from(around.comment ?? '');
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([before, ...parts, listed, end, comment]);
}

function entryBytes(entry: EntryLiteral, offset: number): { local: Buffer; central: Buffer } {
  const data = Buffer.from(entry.data ?? '');
  const method = entry.method ?? 8;
  const packed = method === 8 ? deflateRawSync(data) : data;
  const name = Buffer.from(entry.name);
  const extra = entry.extra ?? Buffer.alloc(0);
  const system = entry.system ?? 3;
  const attributes = entry.attributes ?? (system === 3 || system === 19 ? 0o100644 : 0x20);
  const flags = (entry.flags ?? 0) | (entry.descriptor === undefined ? 0 : 8);
  const sizes = [entry.said?.crc ?? crc32(data), entry.said?.compressedSize ?? packed.length, entry.said?.size ?? data.length] as const;

  const shared = Buffer.alloc(26);
  for (const [index, number] of [20, flags, method, DOS_TIME, DOS_DATE].entries()) shared.writeUInt16LE(number, index * 2);
  for (const [index, number] of sizes.entries()) shared.writeUInt32LE(number, 10 + index * 4);
  shared.writeUInt16LE(name.length, 22);
  shared.writeUInt16LE(extra.length, 24);

  const localShared = Buffer.from(shared);
  if (entry.descriptor !== undefined) localShared.fill(0, 10, 22);
  const descriptor = Buffer.alloc(entry.descriptor === 'signed' ? 16 : 12);
  if (entry.descriptor === 'signed') descriptor.writeUInt32LE(0x08074b50, 0);
  for (const [index, number] of sizes.entries()) descriptor.writeUInt32LE(number, descriptor.length - 12 + index * 4);
  const local = [Buffer.from('PK\x03\x04'), localShared, name, extra, packed, ...(entry.descriptor === undefined ? [] : [descriptor])];

  const rest = Buffer.alloc(14);
  rest.writeUInt32LE(system === 3 || system === 19 ? (attributes << 16) >>> 0 : attributes, 6);
  rest.writeUInt32LE(offset, 10);
  const central = [Buffer.from('PK\x01\x02'), Buffer.from([20, system]), shared, rest, name, extra];
  return { local: Buffer.concat(local), central: Buffer.concat(central) };
}
