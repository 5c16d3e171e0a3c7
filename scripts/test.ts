/**
 * Runs the tests with Node's own runner and its readable summary: all of them, or those of the folders and files that are named
 * (`npm run test:only -- engine vfs/local`). Node 20's `--test` has no patterns, hence the list.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const wanted = process.argv.slice(2).map((name) => name.replaceAll('\\', '/').replace(/^test\//, ''));
const files = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.test.ts') && (wanted.length === 0 || wanted.some((name) => file.startsWith(name))))
  .sort()
  .map((file) => `test/${file}`);
if (files.length === 0) {
  console.error(`no test files${wanted.length > 0 ? ` in ${wanted.join(', ')}` : ''}`);
  process.exit(1);
}
const flags = ['--test-reporter=spec', `--test-concurrency=${availableParallelism()}`, '--test-timeout=600000'];
const { status } = spawnSync(process.execPath, ['--import', 'tsx', '--test', ...flags, ...files], { stdio: 'inherit' });
process.exit(status ?? 1);
