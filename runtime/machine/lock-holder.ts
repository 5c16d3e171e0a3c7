import type { ProcessIdentity } from './process-identity.ts';

/** What a lock file says: who took it. */
export interface LockHolder extends ProcessIdentity {
  /** Unique to one taking of the lock. */
  readonly id: string;
  /** ms since 1970. */
  readonly sinceMs: number;
}

/** undefined: the file is not written yet, or damaged. */
export function parseLockHolder(text: string): LockHolder | undefined {
  try {
    const holder = JSON.parse(text) as Partial<LockHolder>;
    const isWhole = typeof holder.id === 'string' && /^[\w-]+$/.test(holder.id) && typeof holder.pid === 'number' && typeof holder.host === 'string';
    return isWhole && typeof holder.sinceMs === 'number' ? (holder as LockHolder) : undefined;
  } catch {
    return undefined;
  }
}
