import type { PreparedSandbox } from '../../sandbox/prepare-sandbox.ts';
import { runScript } from '../../sandbox/run-script.ts';
import type { Bundle } from '../bundle/bundle.ts';
import type { RunRequest } from '../run-request.ts';
import type { ScriptWorld } from '../script-run.ts';

const STACK_BYTES = 1024 * 1024;

/** The world behind the wall: QuickJS in a thread of its own. A sandbox that was started earlier is used up. */
export function sandboxWorld(bundle: Bundle, request: RunRequest, sandbox: PreparedSandbox | undefined): ScriptWorld {
  const limits = { turnMs: request.scriptTimeoutMs, memoryBytes: request.scriptMemoryBytes, stackBytes: STACK_BYTES };
  return {
    sandboxed: true,
    run: (life) => runScript({ bundle, limits, ...life, ...(sandbox === undefined ? {} : { sandbox }) }),
  };
}
