import { randomBytes } from 'node:crypto';
import { bytesContent } from '../../bytes-content.ts';
import { readAll } from '../../read-all.ts';
import { VfsError } from '../../vfs-error.ts';
import { type Expected, NOTHING, type Vfs } from '../../vfs.ts';

/** The file at the top of a medium that tells which one it is; its ending is out of scope everywhere. */
export const IDENTITY_NAME = 'medium.syncvol';
const MOST_BYTES = 4096;

export interface MediumIdentity {
  /** Id of the set of media. */
  readonly set: string;
  /** From 1. */
  readonly medium: number;
  /** The highest number that the set had when this was written. */
  readonly media: number;
}

export function newSetId(): string {
  return randomBytes(12).toString('base64url');
}

/** undefined: no medium of any set. Rejects with VfsError; `failed` when the file is damaged. */
export async function readIdentity(vfs: Vfs): Promise<MediumIdentity | undefined> {
  const entry = await vfs.stat(IDENTITY_NAME);
  if (entry === undefined) return undefined;
  if (entry.kind !== 'file' || (entry.size ?? 0) > MOST_BYTES) throw damaged();
  return parsed(Buffer.from(await readAll(vfs.content(IDENTITY_NAME))).toString());
}

export async function writeIdentity(vfs: Vfs, identity: MediumIdentity): Promise<void> {
  const there = await vfs.stat(IDENTITY_NAME);
  const expected: Expected = there?.kind === 'file' ? { kind: 'file', revision: there.revision } : NOTHING;
  const text = `${JSON.stringify({ format: 'sxrun medium', version: 1, ...identity })}\n`;
  await vfs.write(IDENTITY_NAME, bytesContent(Buffer.from(text)), { expected });
}

function parsed(text: string): MediumIdentity {
  let value: Partial<MediumIdentity & { format: string; version: number }>;
  try {
    value = JSON.parse(text) as typeof value;
  } catch (error) {
    if (error instanceof SyntaxError) throw damaged();
    throw error;
  }
  const { format, version, set, medium, media } = value ?? {};
  if (format !== 'sxrun medium' || typeof set !== 'string' || !/^[\w-]{1,40}$/.test(set)) throw damaged();
  if (version !== 1) throw new VfsError('failed', IDENTITY_NAME, `${IDENTITY_NAME} on the medium was written by a newer version`);
  if (!isNumber(medium) || !isNumber(media)) throw damaged();
  return { set, medium, media };
}

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) < 1e6;
}

function damaged(): VfsError {
  return new VfsError('failed', IDENTITY_NAME, `${IDENTITY_NAME}, which tells which medium this is, is damaged; nothing is done on it`);
}
