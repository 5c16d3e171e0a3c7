import { callHost, watched } from './transport.ts';

/**
 * The secret that was kept by `sxrun secret set NAME`. Takes the permission `secret:NAME`. From then on the value is shown as `***` in everything that the run
 * shows and writes. Rejects with SyncError, code `secret` when there is none of that name, or it cannot be read.
 */
export function secret(name: string): Promise<string> {
  return watched('secret', (stack) => callHost('secret', { name }, stack));
}

/** A variable of the environment; undefined when it is not set. Takes the permission `env:NAME`. Rejects with SyncError. */
export function env(name: string): Promise<string | undefined> {
  return watched('env', async (stack) => (await callHost('env', { name }, stack)) ?? undefined);
}

/**
 * Asks whoever started the run, at the terminal, and gives what they type; in a simulation, too. With `hidden` it is not shown while it is typed, and never
 * after. Rejects with SyncError, code `no-answer` when nobody can be asked: no terminal, or `-p`.
 */
export function ask(question: string, options: { readonly hidden?: boolean } = {}): Promise<string> {
  return watched('ask', (stack) => callHost('ask', { question, hidden: options.hidden ?? false }, stack));
}
