import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { BUILT_ARGUMENTS, eventsOf, resultsOf, runBuilt, type CommandOutcome } from '../kit/built-command.ts';

let scratch = '';
let project = '';
beforeEach(() => {
  scratch = realpathSync.native(mkdtempSync(join(tmpdir(), 'sxrun-media-')));
  project = join(scratch, 'project');
  for (const [path, size] of Object.entries(FILES)) writeAt(join(project, 'texts', path), 'x'.repeat(size));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

const FILES: Readonly<Record<string, number>> = { a: 6000, b: 6000, 'd/c': 3000 };
const posix = { skip: process.platform === 'win32' };
const VOLUMES = "{ 1: { media: 'media%INDEX%', limit: 11000, sectorSize: 512, autoMkdir: true } }";
const BACKUP = "['texts', { url: 'vol1:', targetOnly: true }]";
const RESTORE = "['vol1:', { url: 'restored', targetOnly: true, autoMkdir: true }]";

function writeAt(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
/** `roots` and `volumes` are TypeScript. */
function define(roots: string, volumes: string, more = '', file = 'p.sync.ts'): void {
  const text = `import { defineProject, sync } from 'sxrun';\nvoid sync;\nexport default defineProject({ roots: ${roots}, volumes: ${volumes}${more} });\n`;
  writeAt(join(project, file), text);
}
function run(...args: string[]): Promise<CommandOutcome> {
  const named = args.some((arg) => arg.endsWith('.ts')) ? [] : ['p.sync.ts'];
  return runBuilt(['--json', '-p', ...args, ...named], { currentDir: project, home: join(scratch, 'home') });
}
function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();
}
function messages(outcome: CommandOutcome): string {
  return eventsOf(outcome)
    .flatMap((event) => (event.type === 'stopped' || event.type === 'problem' || event.type === 'detail' ? [event.message] : []))
    .join('\n');
}
function figures(outcome: CommandOutcome): unknown {
  const [result] = resultsOf(outcome);
  return [outcome.code, result?.copied, result?.removed];
}

test('a folder is backed up to media, nothing is done a second time, and it is brought back from them', async () => {
  define(BACKUP, VOLUMES, ', syncRemove: true');
  assert.deepEqual(figures(await run()), [0, 3, 0]);
  assert.deepEqual(
    ['media1', 'media2'].map((medium) => filesBelow(join(project, medium))),
    [
      ['a', 'd/c', 'medium.syncvol'],
      ['b', 'medium.syncvol'],
    ],
  );
  assert.deepEqual(figures(await run()), [0, 0, 0]);
  rmSync(join(project, 'texts', 'a'));
  assert.deepEqual(figures(await run()), [0, 0, 1]);
  define(RESTORE, `{ 1: { media: 'media%INDEX%', catalogue: 'p.sync.ts.vol1.syncvol' } }`, '', 'restore.sync.ts');
  assert.deepEqual(figures(await run('restore.sync.ts')), [0, 2, 0]);
  assert.deepEqual(filesBelow(join(project, 'restored')), ['b', 'd/c']);
  assert.equal(readFileSync(join(project, 'restored', 'b'), 'utf8').length, 6000);
});

test('a source of media that nobody knows, or a folder that is not on them, stops the run, and a mirror removes nothing', async () => {
  const refused = async (root: string, media: string, says: RegExp) => {
    define(`['${root}', { url: 'texts', targetOnly: true }]`, `{ 1: { media: '${media}%INDEX%' } }`, ', mirror: true, guard: false');
    const outcome = await run();
    assert.equal(outcome.code, 2, outcome.stdout + outcome.stderr);
    assert.match(messages(outcome), says);
    assert.deepEqual(filesBelow(join(project, 'texts')), Object.keys(FILES));
  };
  await refused('vol1:', 'typo', /nothing is known of vol1, .*no medium is in reach/);
  mkdirSync(join(project, 'slot1'));
  await refused('igz:vol1:', 'slot', /nothing is known of vol1, .*no medium is in reach/);
  define(BACKUP, VOLUMES);
  assert.deepEqual(figures(await run()), [0, 3, 0]);
  await refused('vol1:typo', 'media', /the folder "typo" does not exist on the media of vol1/);
});

test('with layers over them, and a folder inside', async () => {
  define("['texts', { url: 'igz(.gz):vol1:in/side', targetOnly: true }]", VOLUMES, ', syncRemove: true');
  assert.deepEqual(figures(await run()), [0, 3, 0]);
  assert.deepEqual(filesBelow(join(project, 'media1')), ['in/side/a.gz', 'in/side/b.gz', 'in/side/d/c.gz', 'medium.syncvol']);
  assert.deepEqual(figures(await run()), [0, 0, 0]);
  const simulated = await run('-s');
  assert.match(messages(simulated), /vol1: how large files are behind "igz:" is not known before/);
});

test('as a shadow they get all that the root gets', async () => {
  define("['texts', { url: 'copy', targetOnly: true, autoMkdir: true, shadow: 'vol1:' }]", VOLUMES, ', syncRemove: true');
  assert.deepEqual(figures(await run()), [0, 3, 0]);
  assert.deepEqual(filesBelow(join(project, 'media2')), ['b', 'medium.syncvol']);
});

test('media in a folder that is backed up are no part of it', async () => {
  define("['.', { url: 'vol1:', targetOnly: true }]", VOLUMES, ", excludeFiles: ['*.ts'], syncRemove: true");
  assert.deepEqual(figures(await run()), [0, 3, 0]);
  assert.deepEqual(figures(await run()), [0, 0, 0]);
});

test('a root in a medium is refused', async () => {
  mkdirSync(join(project, 'media1', 'texts'), { recursive: true });
  define("['media1/texts', { url: 'vol1:', targetOnly: true }]", VOLUMES);
  const outcome = await run();
  assert.equal(outcome.code, 2);
  assert.match(messages(outcome), /option "volumes\.1\.media" has a medium at .*media1, which holds "roots\[0\]"; a medium cannot hold another root/);
});

test('a simulation says which medium gets what, and makes nothing', async () => {
  define(BACKUP, VOLUMES);
  const simulated = await run('-s');
  const reasons = eventsOf(simulated).flatMap((event) => (event.type === 'action' ? [`${event.path}: ${event.reason}`] : []));
  assert.deepEqual(
    reasons.sort(),
    ['a: missing; new medium 1', 'b: missing; new medium 2', 'd/c: missing; new medium 1', 'd: missing; new medium 1'].sort(),
  );
  assert.deepEqual(readdirSync(project).sort(), ['p.sync.ts', 'texts']);
});

test('a simulation tells of what no medium would take as a run does, and counts it as little', async () => {
  writeAt(join(project, 'texts/big'), 'x'.repeat(20_000));
  const roots = "['texts', { url: 'vol1:', targetOnly: true, shadow: 'vol2:' }, { url: 'other', targetOnly: true, autoMkdir: true }]";
  define(roots, `${VOLUMES.slice(0, -2)}, 2: { media: 'more%INDEX%', limit: 9000, sectorSize: 512 } }`, ", onError: 'continue-files'");
  mkdirSync(join(project, 'more1'));
  const seen = async (...args: string[]) => {
    const outcome = await run(...args);
    const events = eventsOf(outcome);
    const copied = events.flatMap((event) => (event.type === 'action' && event.op === 'copy' ? [`${event.path} ${event.to}`] : []));
    const problems = events.flatMap((event) =>
      event.type === 'problem' ? [`${event.path}: ${event.message.replaceAll(project, '').replaceAll('\\', '/')}`] : [],
    );
    const [result] = resultsOf(outcome);
    return { code: outcome.code, copied: copied.sort(), problems: problems.sort(), figures: [result?.copied, result?.bytes, result?.problems] };
  };
  const noRoom = 'no medium of vol2 that is in reach has room for it (6000 bytes); medium 2 is not there; make the folder /more2, or set "autoMkdir"';
  const simulated = await seen('-s');
  assert.deepEqual(simulated, {
    code: 1,
    copied: ['a 1', 'a 2', 'b 2', 'big 2', 'd/c 2'],
    problems: [
      `b: on the shadow vol2:: ${noRoom}`,
      'big: on the shadow vol2:: it has 20000 bytes, and a medium of vol2 has room for 8488 at most; leave it out by "excludeFiles", or use larger media',
      `d/c: on the shadow vol2:: ${noRoom.replace('6000', '3000')}`,
    ],
    figures: [4, 6000 * 3 + 20_000 + 3000, 3],
  });
  const done = await seen();
  assert.deepEqual({ ...done, copied: simulated.copied }, simulated);
  define(BACKUP, VOLUMES, ", onError: 'continue-files'");
  rmSync(join(project, 'media1'), { recursive: true });
  rmSync(join(project, 'p.sync.ts.vol1.syncvol'));
  const alone = await seen('-s');
  assert.match(alone.problems.join(), /^big: it has 20000 bytes, and a medium of vol1 has room for 10488 at most/);
  assert.deepEqual([alone.code, alone.figures], [1, [3, 15_000, 1]]);
});

test('a project that lies on a medium is not removed as what nobody has, and no medium that holds it is emptied', async () => {
  define(BACKUP, VOLUMES);
  assert.deepEqual(figures(await run()), [0, 3, 0]);
  const options = `{ 1: { media: '../media%INDEX%', limit: 11000, sectorSize: 512, autoMkdir: true, catalogue: '../p.sync.ts.vol1.syncvol' } }`;
  define("['../texts', { url: 'vol1:', targetOnly: true }]", options, ', mirror: true', 'media1/own.sync.ts');
  writeAt(join(project, 'media1/orphan'), 'o');
  assert.deepEqual(figures(await run('-A', 'media1/own.sync.ts')), [0, 0, 1]);
  assert.ok(existsSync(join(project, 'media1/own.sync.ts')) && !existsSync(join(project, 'media1/orphan')));
  define("['../texts', { url: '../two', targetOnly: true, autoMkdir: true, shadow: 'vol1:' }]", options, '', 'media1/own.sync.ts');
  assert.match(
    messages(await run('-A', 'media1/own.sync.ts')),
    /option "roots\[1\]\.shadow\[0\]" holds own\.sync\.ts, which belongs to this project/,
  );
  const emptying = options
    .replace("'../media%INDEX%'", "'../new%INDEX%'")
    .replace('../p.sync.ts', '../n.sync.ts')
    .replace('autoMkdir', 'initialRemove');
  define("['../texts', { url: 'vol1:', targetOnly: true }]", emptying, '', 'new1/own.sync.ts');
  assert.match(messages(await run('-A', 'new1/own.sync.ts')), /holds "own\.sync\.ts", which belongs to this run; name another folder/);
});

test('without anybody to ask a medium that is needed ends the run with what to do, and what is done stays done', async () => {
  mkdirSync(join(project, 'media1'));
  define(BACKUP, VOLUMES.replace('autoMkdir', 'waitMedia'), ', syncDb: true');
  const outcome = await run();
  assert.equal(outcome.code, 2);
  assert.match(messages(outcome), /medium 2 is needed at .*media2\. Nobody can be asked: put it in and run again; what is done is done/);
  mkdirSync(join(project, 'media2'));
  assert.deepEqual((figures(await run()) as number[])[0], 0);
  assert.deepEqual(figures(await run()), [0, 0, 0]);
});

describe('permissions', () => {
  const outside = () => VOLUMES.replace('media%', `${join(scratch, 'media').replaceAll('\\', '/')}%`);

  test('media outside of the project are asked for by their pattern, and the pattern is granted', async () => {
    define(BACKUP, outside());
    const refused = await run();
    assert.equal(refused.code, 3);
    assert.match(messages(refused), /reads, writes and removes on media, %INDEX% being any number: .*media%INDEX%/);
    const pattern = join(scratch, 'media%INDEX%');
    assert.deepEqual(figures(await run(`--allow-read=${pattern}`, `--allow-write=${pattern}`)), [0, 3, 0]);
    assert.deepEqual(filesBelow(join(scratch, 'media2')), ['b', 'medium.syncvol']);
    define(RESTORE, outside(), '', 'p.sync.ts');
    assert.equal((await run(`--allow-read=${pattern}`)).code, 0, 'who only reads need not write');
  });
  test('a link in the place of a number is not followed', posix, async () => {
    mkdirSync(join(scratch, 'elsewhere'));
    symlinkSync(join(scratch, 'elsewhere'), join(project, 'media1'));
    define(BACKUP, VOLUMES);
    const outcome = await run();
    assert.equal(outcome.code, 2);
    assert.match(messages(outcome), /a link stands in the path of .*media1; nothing is done through it/);
    assert.deepEqual(readdirSync(join(scratch, 'elsewhere')), []);
  });
  test("sxrun's own folders are no media, whatever number leads to them", async () => {
    const home = join(scratch, 'home');
    mkdirSync(home, { recursive: true });
    renameSync(home, join(scratch, 'home1'));
    define(BACKUP, VOLUMES.replace('media%', `${join(scratch, 'home').replaceAll('\\', '/')}%`));
    const outcome = await runBuilt(['--json', '-p', '-A', 'p.sync.ts'], { currentDir: project, home: join(scratch, 'home1') });
    assert.equal(outcome.code, 2);
    assert.match(messages(outcome), /out of reach whatever is granted|holds files of sxrun's own/);
  });
});

test('a run that finds the set taken by another one ends with exit code 4', async () => {
  define(BACKUP, VOLUMES);
  const holder = { id: 'abc', pid: process.pid, host: 'elsewhere', sinceMs: Date.now() };
  writeAt(join(project, 'p.sync.ts.vol1.syncvol.lock'), JSON.stringify(holder));
  const outcome = await run();
  assert.equal(outcome.code, 4, outcome.stdout + outcome.stderr);
  assert.match(messages(outcome), /the catalogue of vol1, [^,]+\.vol1\.syncvol\. /);
});

test('xfile says that media belong to the roots of a project', async () => {
  writeAt(join(project, 'p.sync.ts'), "import { sync, xfile } from 'sxrun';\nsync.dontDo();\nawait xfile.readText('vol1:a');\n");
  const outcome = await run();
  assert.equal(outcome.code, 2);
  assert.match(messages(outcome), /"vol1:" is for the roots of a project, whose option "volumes" says where its media are/);
});

test('killed at any moment, media and catalogue agree again at the next run', async () => {
  for (let i = 0; i < 60; i++) writeAt(join(project, 'texts', `many/${i}`), 'y'.repeat(700 + i));
  define(BACKUP, VOLUMES, ', syncRemove: true, guard: false');
  assert.equal((await run()).code, 0);
  for (let i = 0; i < 60; i += 2) writeAt(join(project, 'texts', `many/${i}`), 'z'.repeat(2000 + i));
  for (let i = 1; i < 60; i += 4) rmSync(join(project, 'texts', `many/${i}`));
  for (let kill = 0; kill < 5; kill++) await killed(kill * 25 + Math.floor(Math.random() * 25));
  assert.equal((await run()).code, 0);
  assert.deepEqual(figures(await run()), [0, 0, 0]);
  const wanted = filesBelow(join(project, 'texts'));
  const media = readdirSync(project).filter((name) => /^media\d+$/.test(name));
  const found = media.flatMap((name) => filesBelow(join(project, name))).filter((name) => name !== 'medium.syncvol');
  assert.deepEqual(found.sort(), wanted.sort(), 'each file is on one medium');
});

/** Kills a run so many ms after it began to say something. */
async function killed(afterMs: number): Promise<void> {
  const env = { ...process.env, SXRUN_HOME: join(scratch, 'home') };
  const child = spawn(process.execPath, [...BUILT_ARGUMENTS, '--json', '-p', 'p.sync.ts'], {
    cwd: project,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const started = once(child.stdout, 'data');
  child.stdout.resume();
  await Promise.race([started, ended]);
  await wait(afterMs);
  child.kill('SIGKILL');
  await ended;
}
