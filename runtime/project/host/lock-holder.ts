import type { ProcessIdentity } from '../../machine/process-identity.ts';
import { bytesContent } from '../../vfs/bytes-content.ts';
import { VfsError } from '../../vfs/vfs-error.ts';
import type { Content } from '../../vfs/vfs.ts';

/** Who has signed a lock. */
export interface Holder extends ProcessIdentity {
  /** ms since 1970, by the holder's clock. */
  readonly sinceMs: number;
  readonly refreshedMs: number;
}

const MOST_BYTES = 4096;
const TEXTS = ['machine', 'boot', 'pidSpace', 'processStart'] as const;

export function formatHolder(holder: Holder): Content {
  return bytesContent(Buffer.from(`${JSON.stringify(holder)}\n`));
}

/** undefined: it is gone, or holds something else. Anybody who may write there may have written it. */
export async function parseHolder(content: Content): Promise<Holder | undefined> {
  try {
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const piece of content.open()) {
      size += piece.length;
      if (size > MOST_BYTES) return undefined;
      pieces.push(piece);
    }
    return holderOf(JSON.parse(Buffer.concat(pieces).toString()));
  } catch (error) {
    if (error instanceof VfsError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function holderOf(value: unknown): Holder | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { pid, host, sinceMs, refreshedMs, ...rest } = value as Record<string, unknown>;
  if (!Number.isSafeInteger(pid) || typeof host !== 'string' || !isTime(sinceMs) || !isTime(refreshedMs)) return undefined;
  const texts = TEXTS.filter((name) => typeof rest[name] === 'string').map((name) => [name, rest[name]] as const);
  return { pid: pid as number, host, sinceMs, refreshedMs, ...Object.fromEntries(texts) };
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= 8.64e15;
}
