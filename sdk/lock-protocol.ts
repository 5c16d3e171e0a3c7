/** What `lock` asks of the host. */
export interface LockMethods {
  /** The reply is what to give the lock back by. */
  'lock.take': {
    readonly request: { readonly url: string; readonly staleAfterMs: number; readonly waitMs: number };
    readonly reply: { readonly lock: number };
  };
  'lock.release': { readonly request: { readonly lock: number }; readonly reply: null };
}
