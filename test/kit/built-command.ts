import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ResultEvent, RunEvent } from '../../runtime/engine/events.ts';

/** Top of the repository. */
export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
/** What `npm run build` made; tests that use it see the code of the last build. */
export const BUILT_COMMAND = join(REPOSITORY, 'dist', 'sxrun.cjs');

/** What `node` gets to run it: with it, every script that ends well is looked at for what it has not released. */
export const BUILT_ARGUMENTS: readonly string[] = ['--import', new URL('./checking-leaks.mjs', import.meta.url).href, BUILT_COMMAND];

export interface CommandOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command as a user's shell would, without terminal, and with settings and cache in `home`. */
export function runBuilt(args: readonly string[], where: { currentDir: string; home: string }): Promise<CommandOutcome> {
  assert.ok(existsSync(BUILT_COMMAND), 'dist/sxrun.cjs is missing: npm run build');
  return new Promise((resolve) => {
    const options = { cwd: where.currentDir, env: { ...process.env, SXRUN_HOME: where.home }, timeout: 60_000 };
    const child = execFile(process.execPath, [...BUILT_ARGUMENTS, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr });
    });
    child.stdin?.end();
  });
}

/** The events of a run with `--json`. */
export function eventsOf(outcome: CommandOutcome): readonly RunEvent[] {
  return outcome.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RunEvent);
}

/** The figures of each `sync.do`, in order. */
export function resultsOf(outcome: CommandOutcome): readonly ResultEvent[] {
  return eventsOf(outcome).filter((event) => event.type === 'result');
}
