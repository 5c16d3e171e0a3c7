import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Need } from '../../runtime/permissions/need.ts';
import { runBuilt } from '../kit/built-command.ts';
import { temporaryFolder } from '../kit/sync-folders.ts';
import { callHost, hostContext } from './host/host-context.ts';

const LINKS = { skip: process.platform === 'win32' ? 'links need special rights here' : false } as const;

/** A script in a folder that came with a link to somebody else's; `swap` puts the link where the folder `d` was. */
const HEAD = `import { log, sync, xfile } from 'sxrun'; sync.dontDo();
let swapped = false;
async function swap() { if (swapped) return; swapped = true; await xfile.move('d', 'd2'); await xfile.move('evil', 'd'); }
`;

interface Came {
  /** Of the project. */
  readonly files?: Readonly<Record<string, string>>;
  /** To the file that is nobody's business. */
  readonly links?: readonly string[];
}

async function runWithLink(context: TestContext, script: string, { files = {}, links = [] }: Came = {}) {
  const base = await temporaryFolder(context);
  const folder = join(base, 'p');
  const victim = join(base, 'victim');
  for (const path of [folder, victim, join(folder, 'a'), join(folder, 'b'), join(folder, 'd')]) await mkdir(path);
  await symlink('../victim', join(folder, 'evil'));
  await writeFile(join(folder, 'a', 'f'), 'hello');
  await writeFile(join(victim, 'kept'), 'mine\nmy secret\n');
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  for (const path of links) await symlink(join(victim, 'kept'), join(folder, path));
  await writeFile(join(folder, 'x.sync.ts'), HEAD + script);
  const outcome = await runBuilt(['-p', 'x.sync.ts'], { currentDir: folder, home: join(base, 'home') });
  assert.deepEqual(await readdir(victim), ['kept'], outcome.stdout + outcome.stderr);
  assert.equal(await readFile(join(victim, 'kept'), 'utf8'), 'mine\nmy secret\n');
  return { ...outcome, folder };
}

test('log lines after a run do not go through a link that took the place of the folder of the log file', LINKS, async (context) => {
  const { stdout } = await runWithLink(context, "await sync.do({ roots: ['a', 'b'], logFile: 'd/kept' }); await swap(); log.info('owned');");
  assert.match(stdout, /d\/kept cannot be written: the folder .*\/d was replaced by a link/);
});

test('a database that is open stays in its folder when a callback puts a link there', LINKS, async (context) => {
  const { code, folder } = await runWithLink(
    context,
    "await sync.do({ roots: ['a', 'b'], syncDb: 'd/kept', isExclude: async () => { await swap(); return false; } });",
  );
  assert.equal(code, 0);
  assert.ok((await readdir(join(folder, 'd2'))).includes('kept'));
});

test('a target folder that is to be made is not made, nor filled, behind a link that took the place of the one above', LINKS, async (context) => {
  const root = "{ url: 'd/x', targetOnly: true, autoMkdir: true }";
  const { code } = await runWithLink(context, `await sync.do({ roots: ['a', ${root}], isExclude: async () => { await swap(); return false; } });`);
  assert.notEqual(code, 0);
});

test('an archive that is to be made stays in its folder when a callback puts a link there', LINKS, async (context) => {
  const root = "{ url: 'zip:d/new', targetOnly: true }";
  const { code, folder } = await runWithLink(
    context,
    `await sync.do({ roots: ['a', ${root}], isExclude: async () => { await swap(); return false; } });`,
  );
  assert.equal(code, 0);
  assert.deepEqual(await readdir(join(folder, 'd2')), ['new']);
});

test('files that an archive keeps beside itself are made anew where links have their names', LINKS, async (context) => {
  const mark = createHash('sha256').update('a.zip').digest('hex').slice(0, 16);
  const links = ['journal', 'stage1', 'stage2'].map((what) => `d/.sxrun-zip-${mark}-${what}.part`);
  const script = "await sync.do({ roots: ['a', { url: 'zip:d/a.zip', targetOnly: true }] }); await xfile.writeText('zip:d/a.zip//two', '2');";
  const { folder } = await runWithLink(context, script, { links });
  assert.deepEqual(await readdir(join(folder, 'd')), ['a.zip']);
});

test('the line of an error is not read through a link that took the place of the project file', LINKS, async (context) => {
  const sub = `import { xfile } from 'sxrun'; await xfile.remove('sub.sync.ts'); await xfile.move('line', 'sub.sync.ts');
throw new Error('x');
`;
  const { stdout, stderr } = await runWithLink(context, "try { await sync.do('sub.sync.ts'); } catch (error) { log.info(String(error)); }", {
    files: { 'sub.sync.ts': sub },
    links: ['line'],
  });
  assert.doesNotMatch(stdout + stderr, /my secret/);
});

test('a program does not start behind a link that took the place of its folder while it waited for its turn', LINKS, async (context) => {
  const base = await temporaryFolder(context);
  for (const name of ['p/d', 'victim']) await mkdir(join(base, name), { recursive: true });
  await symlink('../victim', join(base, 'p/evil'));
  const host = await hostContext(context, { folder: join(base, 'p'), grants: { run: [process.execPath] } });
  const code = 'process.stdout.write(process.cwd())';
  const allowed = host.broker;
  const started: string[] = [];
  const broker = {
    ...allowed,
    // The permission was given, and the script has its moment.
    require: async (needs: readonly Need[]) => {
      const used = await allowed.require(needs);
      if (started.push('permitted') > 1) return used;
      await rename(join(base, 'p/d'), join(base, 'p/d2'));
      await rename(join(base, 'p/evil'), join(base, 'p/d'));
      return used;
    },
  };
  const swapping = Object.assign(host, { broker });
  await assert.rejects(
    callHost(swapping, 'exec', { file: process.execPath, args: ['-e', code], cwd: 'd' }),
    /cannot be started: the folder .*d was replaced by a link/,
  );
  const { stdout } = await callHost(swapping, 'exec', { file: process.execPath, args: ['-e', code], cwd: 'd2' });
  assert.equal(stdout, join(base, 'p/d2'));
});
