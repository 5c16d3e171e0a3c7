import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bundleProject } from '../../runtime/project/bundle/bundle.ts';
import { runScript } from '../../runtime/sandbox/run-script.ts';
import type { FunctionCall, ScriptEnd, ScriptLimits, SyncCall } from '../../runtime/sandbox/script-host.ts';
import type { WirePlan, WireProject, WireSyncResult } from '../../sdk/protocol.ts';

/** Files of a project by relative path. */
export type ProjectFiles = Readonly<Record<string, string>>;

/** A fresh folder with these files, by its real path; removed with `await using`. */
export async function projectFolder(files: ProjectFiles): Promise<{ readonly path: string; [Symbol.asyncDispose](): Promise<void> }> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'sxrun-script-')));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), text);
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export const RESULT: WireSyncResult = {
  project: 'p',
  simulation: false,
  copied: 2,
  removed: 0,
  made: 0,
  moved: 0,
  kept: 0,
  bytes: 10,
  collisions: [],
  problems: [],
  actions: '[]',
  seconds: 0,
};
export const PLAN: WirePlan = {
  id: 'abc',
  summary: { copied: 1, removed: 0, made: 0, moved: 0, kept: 0, bytes: 1, collisions: 0, problems: 0 },
  actions: '[]',
};

export interface RunOptions {
  readonly limits?: Partial<ScriptLimits>;
  readonly signal?: AbortSignal;
  readonly simulation?: boolean;
  readonly args?: readonly string[];
  call?(call: SyncCall): Promise<unknown>;
  callFunction?(call: FunctionCall): Promise<unknown>;
}

export interface ScriptOutcome {
  readonly end: ScriptEnd;
  /** `level: message`, in order. */
  readonly log: readonly string[];
  readonly calls: readonly SyncCall[];
}

/** Bundles `main.sync.ts` of a fresh folder with these files and runs it. Paths of the folder are shown as `/p`. */
export async function runFiles(files: ProjectFiles, options: RunOptions = {}): Promise<ScriptOutcome> {
  await using folder = await projectFolder(files);
  const bundle = await bundleProject({ kind: 'file', path: join(folder.path, 'main.sync.ts') }, { cacheFolder: undefined, mayRead: () => false });
  const log: string[] = [];
  const calls: SyncCall[] = [];
  const end = await runScript({
    bundle,
    facts: {
      simulation: options.simulation ?? false,
      args: options.args ?? [],
      projectFile: bundle.file,
      projectDir: dirname(bundle.file),
      sandboxed: true,
    },
    limits: { turnMs: 60_000, memoryBytes: 64 * 2 ** 20, stackBytes: 512 * 1024, ...options.limits },
    checkLeaks: true,
    signal: options.signal ?? new AbortController().signal,
    host: {
      log: (level, message) => {
        log.push(`${level}: ${message.replaceAll(folder.path, '/p')}`);
        return undefined;
      },
      setUntaken: () => undefined,
      simulate: () => log.push('simulation'),
      over: () => undefined,
      call: async (call) => {
        if (call.kind === 'function') {
          assert.ok(options.callFunction, call.method);
          return await options.callFunction(call);
        }
        calls.push(call);
        return await (options.call?.(call) ?? (call.method === 'sync.plan' ? PLAN : RESULT));
      },
    },
  });
  return { end, log, calls };
}

/** The project of the script's first call. */
export function projectOf(calls: readonly SyncCall[]): WireProject {
  const target = calls[0]?.request.target;
  if (target?.kind !== 'project') throw new Error('the script has not called sync.do with a project');
  return target;
}

/** Runs a script that is one file. */
export function run(script: string, options?: RunOptions): Promise<ScriptOutcome> {
  return runFiles({ 'main.sync.ts': script }, options);
}

/** `code message @ line:column`, for scripts that fail. */
export function failure({ end }: ScriptOutcome): string {
  if (end.end !== 'failed') return end.end;
  const { code, message, place } = end.error;
  return `${code} ${message}${place ? ` @ ${place.file.replace(/^.*[/\\]/, '')}:${place.line}:${place.column}` : ''}`;
}
