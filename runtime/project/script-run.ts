import { dirname, join } from 'node:path';
import type { SyncResult } from '../../sdk/project.ts';
import type { Facts } from '../../sdk/protocol.ts';
import { type ScriptEnd, type ScriptHost, ScriptCallError } from '../sandbox/script-host.ts';
import { answerCall, type CallingScript, toldOnce } from './answer-call.ts';
import { CallsUnderWay } from './calls-under-way.ts';
import { interruptibleHooks } from './interruptible-hooks.ts';
import { ScriptContext } from './script-context.ts';
import { joinedResult } from './wire-result.ts';

/** A project file that is to be run, and the world it is run in. */
export interface ScriptOrder extends CallingScript {
  readonly world: ScriptWorld;
  /** Another project runs it, and gets what its runs come to. */
  readonly isSubProject: boolean;
}

/** Where a script runs: a sandbox, or this process. */
export interface ScriptWorld {
  readonly sandboxed: boolean;
  /** Runs the script to its end. Never rejects for what a script can do. */
  run(life: ScriptLife): Promise<ScriptEnd>;
}

export interface ScriptLife {
  readonly facts: Facts;
  readonly host: ScriptHost;
  /** Ends the script at once. */
  readonly signal: AbortSignal;
}

/** Runs a script to its end; resolves to the results of all runs of a sub-project as one; undefined: it ran nothing, or is none. Rejects with ScriptCallError or ScriptError when it failed. */
export async function runProjectScript(order: ScriptOrder): Promise<SyncResult | undefined> {
  const { request } = order.command;
  const ending = new AbortController();
  const context = new ScriptContext(order);
  const calls = new CallsUnderWay(context.held);
  // After a signal a script goes no further than the end of what it is waiting for: it may be asleep, or a loop that catches every error.
  const endWhenIdle = () => {
    if (request.killSignal.aborted || (request.signal.aborted && calls.none)) ending.abort();
  };
  const host: ScriptHost = {
    call: async (call) => {
      const done = calls.begin(call);
      try {
        return await answerCall(call.kind === 'sync' ? { ...call, hooks: interruptibleHooks(call.hooks, request.signal) } : call, order, context);
      } finally {
        done();
        endWhenIdle();
      }
    },
    simulate: () => context.simulate(),
    setUntaken: (size) => context.held.setUntaken(size),
    over: () => context.stop(),
    log: (level, message) => order.command.log.tell({ type: 'log', level, message }),
  };
  for (const signal of [request.signal, request.killSignal]) signal.addEventListener('abort', endWhenIdle);
  endWhenIdle();
  const end = await order.world.run({ facts: factsOf(order, context.simulation), host, signal: ending.signal });
  for (const signal of [request.signal, request.killSignal]) signal.removeEventListener('abort', endWhenIdle);
  await context.end();
  if (end.end === 'aborted') throw new ScriptCallError({ code: 'interrupted', message: 'the script was interrupted' });
  if (end.end === 'failed') throw end.cause === undefined ? end.error : toldOnce(end.cause, order.command);
  const [first, ...others] = context.results;
  return first === undefined ? undefined : joinedResult(first, others);
}

function factsOf({ command, projectFile, world }: ScriptOrder, simulation: boolean): Facts {
  return {
    simulation,
    args: command.request.scriptArguments,
    projectFile,
    projectDir: dirname(projectFile),
    sandboxed: world.sandboxed,
  };
}

/** The name by which a project from standard input is known. */
export function standardInputFile(directory: string): string {
  return join(directory, '(standard input).sync.ts');
}
