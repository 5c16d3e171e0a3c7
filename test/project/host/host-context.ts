import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { createBroker } from '../../../runtime/permissions/broker.ts';
import { createPathRules } from '../../../runtime/permissions/path-rules.ts';
import { createRememberedGrants } from '../../../runtime/permissions/remembered.ts';
import type { CommandContext } from '../../../runtime/project/command-context.ts';
import type { HostContext } from '../../../runtime/project/host/host-function.ts';
import type { GrantFlags } from '../../../runtime/project/run-request.ts';
import { createRedactor } from '../../../runtime/redact.ts';
import { memoryStore } from '../../permissions/memory-store.ts';

/** What a script of the project in `folder` calls with. */
export interface TestHost extends HostContext {
  /** What a simulation left out. */
  readonly suppressed: string[];
  /** The first Ctrl-C. */
  interrupt(): void;
  /** The second one. */
  kill(): void;
  /** The script ends. */
  end(): Promise<void>;
}

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
  const open = new Set<() => Promise<void>>();
  const suppressed: string[] = [];
  const end = async () => {
    for (const close of open) await close();
  };
  t.after(end);
  return {
    broker,
    command: { request: { killSignal: killed.signal }, secrets: createRedactor(), audit: undefined } as unknown as CommandContext,
    directory: folder,
    projectFile,
    simulation,
    suppress: (step) => suppressed.push(step),
    signal: interrupted.signal,
    atEnd(close) {
      open.add(close);
      return () => open.delete(close);
    },
    suppressed,
    interrupt: () => interrupted.abort(),
    kill: () => killed.abort(),
    end,
  };
}
