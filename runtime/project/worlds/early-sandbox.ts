import { type PreparedSandbox, prepareSandbox } from '../../sandbox/prepare-sandbox.ts';

let early: PreparedSandbox | undefined;

/** Starts the sandbox while the rest of the program is still being loaded. It does not keep the process alive. */
export function startEarlySandbox(): void {
  early ??= prepareSandbox();
}

/** The sandbox that was started early, or a new one. */
export function takeSandbox(): PreparedSandbox {
  const taken = early ?? prepareSandbox();
  early = undefined;
  return taken;
}
