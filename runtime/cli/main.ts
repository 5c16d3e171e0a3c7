#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import { VERSION } from '../version.ts';

/** Only what `--version` needs is loaded before it is known that more is wanted. */
async function main(): Promise<number> {
  const args = process.argv.slice(2);
  if (args.length === 1 && args[0] === '--version') {
    process.stdout.write(`${VERSION}\n`);
    return 0;
  }
  // Node's own warnings are about this program's inside, not about a user's files.
  process.removeAllListeners('warning');
  const { startEarlySandbox } = await import('../project/worlds/early-sandbox.ts');
  const sandbox = looksLikeScriptRun(args) ? startEarlySandbox() : undefined;
  const { loadCommand } = await import('./compiled-command.ts');
  const { command, keepCode } = loadCommand(fileURLToPath(new URL('./command.cjs', import.meta.url)));
  if (sandbox !== undefined) command.giveSandbox(sandbox);
  const code = await command.runCommandLine({
    args,
    currentDir: process.cwd(),
    env: process.env,
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    version: VERSION,
    runProject: command.runProject,
  });
  // What was needed to refuse something would be little for those who come next.
  if (sandbox !== undefined && code < 2) await keepCode();
  return code;
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
