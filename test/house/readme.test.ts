import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import ts from 'typescript';
import { EXIT_CODES } from '../../runtime/cli/exit-codes.ts';
import { projectShape } from '../../runtime/project/options/option-schema.ts';
import { REPOSITORY, resultsOf, runBuilt } from '../kit/built-command.ts';

const readme = readFileSync(join(REPOSITORY, 'README.md'), 'utf8');

/** A fenced block of the README. */
interface Block {
  readonly language: string;
  readonly text: string;
}
const blocks: readonly Block[] = [...readme.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map((match) => ({
  language: match[1] ?? '',
  text: match[2] ?? '',
}));
/** Project files by the name in their first line. */
const snippets = blocks
  .filter((block) => block.language === 'ts')
  .map((block) => ({ name: /^\/\/ (\S+\.sync\.ts)\n/.exec(block.text)?.[1], text: block.text }));
const commands = blocks.filter((block) => block.language === 'sh').flatMap((block) => block.text.trim().split('\n'));

let scratch = '';
/** The folder that the five-minute start talks about. */
let folder = '';
before(() => {
  scratch = mkdtempSync(join(tmpdir(), 'sxrun-readme-'));
  folder = join(scratch, 'work');
  for (const name of ['work/backup', 'work/laptop', 'stick']) mkdirSync(join(scratch, name), { recursive: true });
  cpSync(join(REPOSITORY, 'examples', 'data', 'texts'), join(folder, 'texts'), { recursive: true, preserveTimestamps: true });
  for (const { name, text } of snippets) writeFileSync(join(folder, name ?? ''), text);
});
after(() => rmSync(scratch, { recursive: true, force: true }));

test('every link leads to a file or folder of the repository', () => {
  const targets = [...readme.matchAll(/\]\(([^)#]+)\)/g)].flatMap((match) => match[1] ?? []);
  assert.ok(targets.length > 10);
  assert.deepEqual(
    targets.filter((target) => !existsSync(join(REPOSITORY, target))),
    [],
  );
});

test('every TypeScript snippet names its file and has no type error', () => {
  assert.ok(snippets.length >= 3);
  assert.deepEqual(
    snippets.filter(({ name }) => name === undefined),
    [],
  );
  const files = snippets.map(({ name }) => join(folder, name ?? ''));
  const program = ts.createProgram(files, {
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    skipLibCheck: true,
    types: [],
    paths: { sxrun: [join(REPOSITORY, 'sdk', 'index.ts')] },
  });
  const faults = files.flatMap((file) => ts.getPreEmitDiagnostics(program, program.getSourceFile(file)));
  assert.deepEqual(
    faults.map((fault) => ts.flattenDiagnosticMessageText(fault.messageText, '\n')),
    [],
  );
});

test('the table of options has every option of a project', () => {
  const [, table = ''] = /^## Options of a project\n([\s\S]*?)^## /m.exec(readme) ?? [];
  const told = [...table.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`(\w+)/g)].map(([, name]) => name));
  assert.deepEqual(told.sort(), Object.keys(projectShape).sort());
});

test('the commands of the five-minute start do what the text says', async () => {
  const ours = commands.filter((line) => line.startsWith('sxrun '));
  assert.ok(ours.length >= 6);
  const copied: number[] = [];
  for (const line of ours) {
    const outcome = await runBuilt(['--json', ...line.split(' ').slice(1)], { currentDir: folder, home: join(scratch, 'home') });
    assert.equal(outcome.code, 0, `${line}\n${outcome.stdout}${outcome.stderr}`);
    copied.push(resultsOf(outcome).reduce((sum, result) => sum + result.copied, 0));
  }
  const [simulated, first, second, both, nightly, stick] = copied;
  assert.equal(simulated, first, 'a simulation shows what the run does');
  assert.equal(first, 7);
  assert.equal(second, 0, 'the second run finds nothing to do');
  assert.equal(both, 8, 'the other side gets everything, *.bak included');
  assert.equal(nightly, 0);
  assert.ok(stick !== undefined && stick > 8);
  assert.equal(readFileSync(join(scratch, 'stick', 'laptop', 'notes.txt'), 'utf8'), readFileSync(join(folder, 'texts', 'notes.txt'), 'utf8'));
});

test('the first of the two commands backs up the example data', async () => {
  const [, command] = /^npm install && node dist\/sxrun\.cjs (\S+)$/m.exec(commands.join('\n')) ?? [];
  assert.equal(command, 'examples/backup.sync.ts');
  assert.ok(commands.includes('npm install && npm test'));
  cpSync(join(REPOSITORY, 'examples', 'data'), join(scratch, 'examples', 'data'), { recursive: true });
  cpSync(join(REPOSITORY, command), join(scratch, command));
  const outcome = await runBuilt([command], { currentDir: scratch, home: join(scratch, 'home') });
  assert.equal(outcome.code, 0, outcome.stdout + outcome.stderr);
  assert.ok(existsSync(join(scratch, 'examples', 'out', 'backup', 'letters', 'anna.txt')));
});

test('the exit codes are those of the command', () => {
  for (const [code] of EXIT_CODES) assert.match(readme, new RegExp(`^\\| ${code} \\|`, 'm'));
});

test('every example is listed, with what it shows', () => {
  const examples = readdirSync(join(REPOSITORY, 'examples')).filter((file) => file.endsWith('.sync.ts'));
  for (const example of examples)
    assert.match(readme, new RegExp(`^\\| \\[[a-z-]+\\]\\(examples/${example.replaceAll('.', '\\.')}\\) \\| .+ \\|$`, 'm'));
});

test('every template is listed, with what it does', () => {
  for (const file of readdirSync(join(REPOSITORY, 'templates')))
    assert.match(readme, new RegExp(`^\\| \\[[a-z-]+\\]\\(templates/${file.replaceAll('.', '\\.')}\\) \\| .+ \\|$`, 'm'));
});
