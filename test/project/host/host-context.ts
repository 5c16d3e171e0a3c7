import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { RunEvent } from '../../../runtime/engine/events.ts';
import type { FunctionMethod, FunctionMethods } from '../../../sdk/protocol.ts';
import { callFunction } from '../../../runtime/project/host/call-function.ts';
import type { FunctionCall } from '../../../runtime/sandbox/script-host.ts';
import { createBroker } from '../../../runtime/permissions/broker.ts';
import { createPathRules } from '../../../runtime/permissions/path-rules.ts';
import { createRememberedGrants } from '../../../runtime/permissions/remembered.ts';
import type { CommandContext } from '../../../runtime/project/command-context.ts';
import type { GrantFlags } from '../../../runtime/project/run-request.ts';
import { ScriptContext } from '../../../runtime/project/script-context.ts';
import { createRedactor } from '../../../runtime/project/redact.ts';
import { memoryStore } from '../../permissions/memory-store.ts';

/** What a script of the project in `folder` calls with. */
export type TestHost = ScriptContext & {
  /** What a simulation left out. */
  readonly suppressed: string[];
  /** The first Ctrl-C. */
  interrupt(): void;
  /** The second one. */
  kill(): void;
};

/** `grants`: permissions given by flags; a project that may do everything is made by `{ all: true }`. */
export async function hostContext(
  t: TestContext,
  { folder, grants = {}, simulation = false }: { readonly folder: string; readonly grants?: Partial<GrantFlags>; readonly simulation?: boolean },
): Promise<TestHost> {
  const projectFile = join(folder, 'a.sync.ts');
  const rules = createPathRules([join(folder, '.own')]);
  const broker = await createBroker({
    projectFile,
    projectDir: dirname(projectFile),
    sourcesHash: 'one',
    flags: { all: false, read: [], write: [], net: [], run: [], env: [], secret: [], ...grants },
    currentDir: folder,
    namedRoots: [],
    remembered: createRememberedGrants(memoryStore(), rules),
    rules,
    ask: undefined,
  });
  const interrupted = new AbortController();
  const killed = new AbortController();
  const suppressed: string[] = [];
  const command = {
    request: { signal: interrupted.signal, killSignal: killed.signal, fsync: false, scriptMemoryBytes: 2 ** 28 },
    pathRules: rules,
    commandLine: { simulation },
    log: { tell: (event: RunEvent) => event.type === 'suppressed' && suppressed.push(event.step), written: async () => undefined },
    secrets: createRedactor(),
    audit: undefined,
    ownFiles: { sources: new Set(), written: new Set() },
  } as unknown as CommandContext;
  const context = new ScriptContext({ projectFile, broker, command, inherited: {}, isSubProject: false });
  t.after(() => context.end());
  return Object.assign(context, { suppressed, interrupt: () => interrupted.abort(), kill: () => killed.abort() });
}

/** Calls a function as a script does, checks included. Rejects with ScriptCallError. */
export async function callHost<Method extends FunctionMethod>(
  context: TestHost,
  method: Method,
  request: FunctionMethods[Method]['request'],
): Promise<FunctionMethods[Method]['reply']> {
  const call = { kind: 'function', method, request, place: () => undefined } as unknown as FunctionCall;
  return (await callFunction(call, context)) as FunctionMethods[Method]['reply'];
}
