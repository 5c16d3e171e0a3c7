import picocolors from 'picocolors';

export type Colours = ReturnType<typeof picocolors.createColors>;

/** Colours on a terminal only. `NO_COLOR` (no-color.org) turns them off, `FORCE_COLOR` on, also in pipes; the former wins. */
export function coloursFor(isTerminal: boolean | undefined, env: NodeJS.ProcessEnv): Colours {
  return picocolors.createColors(wanted(isTerminal, env));
}

function wanted(isTerminal: boolean | undefined, env: NodeJS.ProcessEnv): boolean {
  if (env['NO_COLOR']) return false;
  const force = env['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  // A pipe's `isTTY` is undefined, which picocolors would take for no answer and decide by CI.
  return isTerminal === true && env['TERM'] !== 'dumb';
}
