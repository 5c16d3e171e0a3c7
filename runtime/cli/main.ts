#!/usr/bin/env node
import { VERSION } from '../version.ts';
import { tuneEngine } from './tune-engine.ts';

/** Only what `--version` needs is loaded before it is known that more is wanted. */
async function main(): Promise<number> {
  const args = process.argv.slice(2);
  if (args.length === 1 && args[0] === '--version') {
    process.stdout.write(`${VERSION}\n`);
    return 0;
  }
  tuneEngine();
  // Node's own warnings are about this program's inside, not about a user's files.
  process.removeAllListeners('warning');
  if (looksLikeScriptRun(args)) (await import('../project/worlds/early-sandbox.ts')).startEarlySandbox();
  const { runCommandLine } = await import('./command-line.ts');
  return await runCommandLine({
    args,
    currentDir: process.cwd(),
    env: process.env,
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    version: VERSION,
    runProject: async (request) => (await import('../project/run.ts')).runProject(request),
  });
}

/** A guess that is allowed to be wrong: then a thread was started, or was not started early, for nothing. */
function looksLikeScriptRun(args: readonly string[]): boolean {
  const command = args[0] ?? '';
  return (
    (command === '' || command.startsWith('-') || command.includes('.')) &&
    !args.some((arg) => ['-h', '--help', '-z', '--no-project', '--unsandboxed'].includes(arg))
  );
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`sxrun: a defect: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  },
);
