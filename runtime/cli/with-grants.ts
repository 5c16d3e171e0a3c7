import { UsageError } from './usage-error.ts';

/** Does something with the remembered permissions, loaded now. Rejects with `UsageError` for what the user can mend. */
export async function withGrants<T>(action: (grants: typeof import('../project/grants.ts')) => Promise<T>): Promise<T> {
  const grants = await import('../project/grants.ts');
  try {
    return await action(grants);
  } catch (error) {
    throw error instanceof grants.GrantsError ? new UsageError(error.message, 'lines') : error;
  }
}
