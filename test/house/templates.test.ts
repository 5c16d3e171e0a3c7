import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { readTemplates, type Template } from '../../runtime/cli/template.ts';
import { mailServer } from '../kit/mail-server.ts';
import { BUILT_ARGUMENTS, REPOSITORY, resultsOf, runBuilt } from '../kit/built-command.ts';
import { withoutOwnKeys } from '../kit/gpg.ts';
import { keepSecret } from '../kit/keep-secret.ts';
import { needing } from '../kit/programs.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sxrun-templates-'));
});
afterEach(() => {
  for (const place of [folder, home()]) rmSync(place, { recursive: true, force: true });
});

/** Templates that do more, or less, than bring all to the other places once; they have a test of their own below. */
const OWN_TESTS = ['encrypted', 'super-sync', 'move', 'periodic', 'mail-on-error'];

for (const template of readTemplates().filter(({ name }) => !OWN_TESTS.includes(name))) {
  test(`template ${template.name}, as sxrun new writes it, runs and then finds nothing to do`, async () => {
    await write(template);
    const copied = [sum(await run(template.name)), sum(await run(template.name))];
    assert.deepEqual([copied[0] !== undefined && copied[0] >= 8, copied[1]], [true, 0], `the runs copied ${copied.join(' and ')}`);
  });
}

test('template super-sync runs the projects that it names', async () => {
  const template = named('super-sync');
  for (const place of template.places) writeProject(place);
  await write(template);
  assert.deepEqual([sum(await run('super-sync')), sum(await run('super-sync'))], [16, 0]);
});

test('template encrypted makes a backup that nobody else can read, and brings it back', needing('gpg'), async (t) => {
  withoutOwnKeys(t);
  await write(named('encrypted'));
  await keepSecret('backup', 'correct horse', home());
  const grants = ['--allow-run=gpg', '--allow-secret=backup'];
  assert.deepEqual([sum(await run('encrypted', ...grants)), sum(await run('encrypted', ...grants))], [8, 0]);
  assert.ok(filesBelow('backup').every((name) => name.endsWith('.sx.gz.gpg')));
  const restore = await runBuilt([...grants, 'encrypted.sync.ts', '--', 'restore'], { currentDir: folder, home: home() });
  assert.equal(restore.code, 0, restore.stdout + restore.stderr);
  for (const name of ['notes.txt', join('letters', 'anna.txt')])
    assert.deepEqual(readFileSync(join(folder, 'restored', name)), readFileSync(join(folder, 'documents', name)));
  assert.deepEqual(filesBelow('restored'), filesBelow('documents'));
});

test('template move leaves in the source what stays out, and what is newer in the target', async () => {
  await write(named('move'));
  writeFileSync(join(folder, 'incoming', 'download.part'), 'half');
  mkdirSync(join(folder, 'archive'));
  writeFileSync(join(folder, 'archive', 'notes.txt'), 'edited since');
  utimesSync(join(folder, 'archive', 'notes.txt'), new Date('2100-01-01'), new Date('2100-01-01'));
  const before = filesBelow('incoming');
  const simulated = await run('move', '-s');
  assert.deepEqual(filesBelow('incoming'), before);
  assert.equal(simulated.match(/"type":"suppressed","step":"remove /g)?.length, 7, simulated);
  await run('move');
  assert.deepEqual(filesBelow('incoming'), ['download.part', 'notes.txt']);
  assert.equal(filesBelow('archive').length, 8);
  assert.equal(readFileSync(join(folder, 'archive', 'notes.txt'), 'utf8'), 'edited since');
});

test('template move moves what an interrupted run has copied already', async () => {
  await write(named('move'));
  cpSync(join(folder, 'incoming'), join(folder, 'archive'), { recursive: true, preserveTimestamps: true });
  assert.equal(sum(await run('move')), 0);
  assert.deepEqual(filesBelow('incoming'), []);
  assert.equal(filesBelow('archive').length, 8);
});

test('template periodic goes on until Ctrl-C', async () => {
  await write(named('periodic'), '--set', 'pause=10ms');
  const child = spawn(process.execPath, [...BUILT_ARGUMENTS, '--json', 'periodic.sync.ts'], {
    cwd: folder,
    env: { ...process.env, SXRUN_HOME: home() },
  });
  const ended = once(child, 'close');
  let shown = '';
  let interrupted = false;
  for await (const part of child.stdout) {
    shown += String(part);
    // Once: a second Ctrl-C would drop what is in work.
    if (!interrupted && shown.split('"type":"result"').length > 3) interrupted = child.kill('SIGINT');
  }
  const [code] = await ended;
  assert.equal(code, 130, shown);
  assert.equal(filesBelow('backup').length, 8);
});

test('template periodic ends where a permission is missing', async () => {
  await write(named('periodic'));
  const path = join(folder, 'periodic.sync.ts');
  writeFileSync(path, readFileSync(path, 'utf8').replace("'./backup'", "'../elsewhere'").replace("'backup'", "'../elsewhere'"));
  const { code, stdout, stderr } = await runBuilt(['-p', 'periodic.sync.ts'], { currentDir: folder, home: home() });
  assert.equal(code, 3, stdout + stderr);
});

test('template mail-on-error sends a mail when something is left undone, or nothing can be done', async (t) => {
  const server = await mailServer(t);
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, server.certificate);
  process.env['NODE_EXTRA_CA_CERTS'] = ca;
  t.after(() => delete process.env['NODE_EXTRA_CA_CERTS']);
  await write(named('mail-on-error'), '--set', `server=smtp://127.0.0.1:${server.port}`, '--set', 'address=me@localhost');
  const subjects: (string | undefined)[] = [];
  const mails = async (code: number) => {
    const outcome = await runBuilt([`--allow-net=127.0.0.1:${server.port}`, 'mail-on-error.sync.ts'], { currentDir: folder, home: home() });
    assert.equal(outcome.code, code, outcome.stdout + outcome.stderr);
    subjects.push(/^Subject: (.+)$/m.exec(server.taken.splice(0)[0]?.source ?? '')?.[1]);
  };
  await mails(1);
  mkdirSync(join(folder, 'backup', 'notes.txt'), { recursive: true });
  await mails(1);
  rmdirSync(join(folder, 'backup', 'notes.txt'));
  await mails(0);
  assert.match(subjects[0] ?? '', /^Backup: SyncError: .*backup/);
  assert.match(subjects[1] ?? '', /^Backup: collision: notes\.txt: file and directory/);
  assert.equal(subjects[2], undefined);
});

function named(name: string): Template {
  return readTemplates().find((template) => template.name === name) ?? assert.fail(name);
}

/** Beside the folder: no script can write there. */
function home(): string {
  return `${folder}-home`;
}

/** Has `sxrun new` write the project for folders of which the first has the example texts. */
async function write(template: Template, ...flags: readonly string[]): Promise<void> {
  const [first = '', ...others] = template.places;
  if (!first.endsWith('.ts')) cpSync(join(REPOSITORY, 'examples', 'data', 'texts'), join(folder, first), { recursive: true });
  if (template.takesMore && !first.endsWith('.ts')) for (const other of others) mkdirSync(join(folder, other));
  const places = template.places.flatMap((place) => ['--root', place]);
  const made = await runBuilt(['new', template.name, ...places, ...flags], { currentDir: folder, home: home() });
  assert.equal(made.code, 0, made.stderr);
}

/** What it shows with `--json`. */
async function run(name: string, ...flags: readonly string[]): Promise<string> {
  const outcome = await runBuilt(['--json', ...flags, `${name}.sync.ts`], { currentDir: folder, home: home() });
  assert.equal(outcome.code, 0, outcome.stdout + outcome.stderr);
  return outcome.stdout;
}

/** Files copied. */
function sum(shown: string): number {
  return resultsOf({ stdout: shown, stderr: '', code: 0 }).reduce((total, result) => total + result.copied, 0);
}

function filesBelow(place: string): readonly string[] {
  return readdirSync(join(folder, place), { recursive: true, withFileTypes: true })
    .flatMap((entry) => (entry.isFile() ? [entry.name] : []))
    .sort();
}

/** A project for the super-sync: it copies the example texts to a folder of its own. */
function writeProject(file: string): void {
  const target = file.replace('.sync.ts', '');
  cpSync(join(REPOSITORY, 'examples', 'data', 'texts'), join(folder, `${target}-source`), { recursive: true });
  mkdirSync(join(folder, target));
  writeFileSync(
    join(folder, file),
    `import { defineProject } from 'sxrun';\nexport default defineProject({ roots: ['${target}-source', '${target}'] });\n`,
  );
}

test('templates are short, and their first line says what they are for', () => {
  for (const { name, text, description } of readTemplates()) {
    assert.ok(text.split('\n').length <= 40, `${name} is too long to start from`);
    assert.match(description, /^[A-Z][^.]+: .+\.$/);
    assert.equal(text, readFileSync(join(REPOSITORY, 'templates', `${name}.sync.ts`), 'utf8'));
  }
});
