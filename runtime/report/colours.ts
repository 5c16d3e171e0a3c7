import picocolors from 'picocolors';

export type Colours = ReturnType<typeof picocolors.createColors>;

/** Colours on a terminal only. `NO_COLOR` (no-color.org) turns them off, `FORCE_COLOR` on, also in pipes; the former wins. */
export function coloursFor(isTerminal: boolean, env: NodeJS.ProcessEnv): Colours {
  return picocolors.createColors(wanted(isTerminal, env));
}

function wanted(isTerminal: boolean, env: NodeJS.ProcessEnv): boolean {
  if (env['NO_COLOR']) return false;
  const force = env['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  return isTerminal && env['TERM'] !== 'dumb';
}
