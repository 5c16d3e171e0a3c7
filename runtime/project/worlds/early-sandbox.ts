import { type PreparedSandbox, prepareSandbox } from '../../sandbox/prepare-sandbox.ts';

let early: PreparedSandbox | undefined;

/** Starts the sandbox while the rest of the program is still being loaded, to be given to that. It does not keep the process alive. */
export function startEarlySandbox(): PreparedSandbox {
  return prepareSandbox();
}

/** One that was started early. */
export function giveSandbox(sandbox: PreparedSandbox): void {
  early = sandbox;
}

/** The sandbox that was started early, or a new one. */
export function takeSandbox(): PreparedSandbox {
  const taken = early ?? prepareSandbox();
  early = undefined;
  return taken;
}
