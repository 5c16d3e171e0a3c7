import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { keepRulesFrom } from '../../runtime/cli/keep-flags.ts';
import { pastTime } from '../../runtime/cli/past-time.ts';
import type { Choice } from '../../runtime/tools/restore-versions.ts';
import { listVersions, pruneVersions, type Restored, restoreVersions } from '../../runtime/tools/versions.ts';
import { openLocal } from '../../runtime/vfs/backends/local/open-local.ts';
import { listBelow } from '../../runtime/vfs/below.ts';
import { expectedOf } from '../../runtime/vfs/expected.ts';
import { versioned } from '../../runtime/vfs/layers/versioned.ts';
import { NOTHING, type Vfs } from '../../runtime/vfs/vfs.ts';
import { bytesContent } from '../kit/bytes-content.ts';
import { snapshot, type Tree } from '../kit/tree.ts';

/** A week in Berlin at whose end summer time begins: 29 March has no time between two and three. */
const ZONE = 'Europe/Berlin';
const zoneBefore = process.env['TZ'];
let scratch = '';
let root = '';
before(() => {
  process.env['TZ'] = ZONE;
  scratch = realpathSync(mkdtempSync(join(tmpdir(), 'sxrun-week-')));
});
after(() => {
  if (zoneBefore === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zoneBefore;
  rmSync(scratch, { recursive: true, force: true });
});

/** What somebody does at a time. */
interface Moment {
  readonly at: string;
  readonly write?: Readonly<Record<string, string>>;
  readonly remove?: readonly string[];
  /** A file gives way to a directory, or the reverse. */
  readonly turn?: Readonly<Record<string, string | null>>;
}

const WEEK: readonly Moment[] = [
  {
    at: '2026-03-23T18:00',
    write: { 'letter.txt': 'mon', '007.name': 'own', '.hidden': 'h1', 'Grüße.txt': 'ü', notes: 'a file', 'd/e/deep.txt': '1' },
  },
  { at: '2026-03-24T18:00', write: { 'letter.txt': 'tue', '007.name': 'own 2', '.hidden': 'h2' } },
  { at: '2026-03-25T18:00', turn: { notes: null }, write: { 'notes/a.txt': 'a', 'notes/007.b': 'b' } },
  { at: '2026-03-26T18:00', write: { 'notes/a.txt': 'a2', 'Grüße.txt': 'üü', 'd/e/deep.txt': '2' } },
  { at: '2026-03-27T18:00', turn: { notes: 'a file again' }, remove: ['d/e/deep.txt', 'd/e', 'd'] },
  { at: '2026-03-28T18:00', remove: ['letter.txt', '007.name'] },
  { at: '2026-03-29T01:30', write: { 'letter.txt': 'before summer' } },
  { at: '2026-03-29T03:30', write: { 'letter.txt': 'in summer' } },
];

async function live(vfs: Vfs, { at, write = {}, remove = [], turn = {} }: Moment): Promise<void> {
  const modifiedMs = Date.parse(at);
  for (const [path, text] of Object.entries(turn)) {
    const expected = expectedOf(await vfs.stat(path), path);
    if (text === null) await vfs.replace(path, { kind: 'directory', expected });
    else await vfs.replace(path, { kind: 'file', content: bytesContent(text), as: { expected, modifiedMs } });
  }
  for (const [path, text] of Object.entries(write)) {
    for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
      if ((await vfs.stat(path.slice(0, slash))) === undefined) await vfs.makeDirectory(path.slice(0, slash));
    }
    const there = await vfs.stat(path);
    await vfs.write(path, bytesContent(text), { expected: there === undefined ? NOTHING : expectedOf(there, path), modifiedMs });
  }
  for (const path of remove) {
    const there = await vfs.stat(path);
    if (there?.kind === 'directory') await vfs.removeDirectory(path);
    else await vfs.removeFile(path, expectedOf(there, path));
  }
}

/** Files only, by path. */
async function files(folder: string): Promise<Tree> {
  const vfs = await openLocal(folder, { followLinks: false, flushEachFile: false, signal: new AbortController().signal });
  try {
    return Object.fromEntries(
      Object.entries(await snapshot(vfs)).filter(([path, value]) => value !== null && !/(?:^|\/)(?:XVS|\.recycle|old)\//.test(path)),
    );
  } finally {
    await vfs.close();
  }
}

async function restored(
  choice: Choice,
  more: { to?: string; patterns?: readonly string[]; simulate?: boolean; folder?: string } = {},
): Promise<string[]> {
  const told: Restored[] = [];
  const { to, patterns = [], simulate = false, folder } = more;
  const outcome = await restoreVersions({ url: `xvs:${root}`, currentDir: scratch, folder, patterns, choice, to, simulate }, async (one) => {
    told.push(one);
  });
  assert.equal(outcome.kind, 'done', JSON.stringify(outcome));
  return told.map(({ kind, path, problem }) => `${problem === undefined ? kind : 'problem'} ${path}`);
}

for (const folder of ['XVS', '/old'] as const) {
  const chosen = folder === 'XVS' ? {} : { folder };
  describe(`a week of versions in ${folder}`, () => {
    const evenings = new Map<string, Tree>();
    before(async () => {
      root = join(scratch, `root${folder.replaceAll('/', '-')}`);
      mkdirSync(root);
      for (const moment of WEEK) {
        const inner = await openLocal(root, { followLinks: false, flushEachFile: false, signal: new AbortController().signal });
        const place = folder === 'XVS' ? 'beside' : 'top';
        const now = () => Date.parse(moment.at);
        const vfs = versioned(inner, {
          prefix: 'xvs:',
          folder: folder.replace('/', ''),
          place,
          max: 100,
          isExcluded: () => false,
          keep: undefined,
          now,
        });
        await live(vfs, moment);
        await vfs.close();
        evenings.set(moment.at, await files(root));
      }
    });

    test('is brought back as it was on any of its days, into another folder', async () => {
      for (const [at, tree] of evenings) {
        const to = join(scratch, `as-of-${folder.replaceAll('/', '-')}-${at.replaceAll(':', '-')}`);
        await restored({ kind: 'asOf', atMs: Date.parse(at) + 60_000 }, { to, ...chosen });
        assert.deepEqual(await files(to), tree, at);
      }
    });

    test('is asked for as people do', () => {
      const monday = new Date('2026-03-30T09:00');
      const asked = (text: string) => new Date(pastTime('--as-of', text, monday)).toString().slice(0, 24);
      assert.equal(asked('yesterday 18:00'), 'Sun Mar 29 2026 18:00:00');
      assert.equal(asked('29.03.2026/01:00'), 'Sun Mar 29 2026 01:00:00');
      // The day that summer time begins has 23 hours.
      assert.equal(asked('24h'), 'Sun Mar 29 2026 09:00:00');
      assert.equal(asked('2026-03-29T02:30'), 'Sun Mar 29 2026 03:30:00');
    });

    test('shows names as the user knows them, also those that look like versions', async () => {
      const outcome = await listVersions(
        { url: root, currentDir: scratch, folder: folder === 'XVS' ? undefined : folder, patterns: ['007.*', '.hidden', 'Gr*'] },
        undefined,
      );
      assert.ok(outcome.kind === 'done');
      assert.deepEqual(
        outcome.value.histories.map(({ path, versions, present }) => `${path} ${versions.length} ${present === undefined ? 'gone' : 'there'}`).sort(),
        ['.hidden 1 there', '007.name 2 gone', 'Grüße.txt 1 there', 'notes/007.b 1 gone'],
      );
    });

    test('is judged by its own days when it is pruned, which a simulation leaves alone', async () => {
      const order = { url: root, currentDir: scratch, folder: folder === 'XVS' ? undefined : folder, patterns: ['letter.txt'] };
      const rules = keepRulesFrom({ keepDaily: '2' });
      const judged: string[] = [];
      const before = await files(root);
      const outcome = await pruneVersions({ ...order, rules, simulate: true }, async ({ version, reasons }) => {
        judged.push(`${version.number} ${reasons.join(', ') || 'goes'}`);
      });
      assert.deepEqual(judged, ['1 goes', '2 daily', '3 daily']);
      assert.deepEqual(outcome, { kind: 'done', value: { removed: 1, kept: 2, unmatched: [] } });
      assert.deepEqual(await files(root), before);
    });

    test('is put back in place, where nothing newer is lost and a folder in the way is not touched', async () => {
      const thursday = { kind: 'asOf', atMs: Date.parse('2026-03-26T20:00') } as const;
      assert.deepEqual(await restored(thursday, { patterns: ['letter.txt', 'd', 'notes'], simulate: true, ...chosen }), [
        'restore d/e/deep.txt',
        'restore letter.txt',
        'nothing notes',
        'restore notes/007.b',
        'restore notes/a.txt',
      ]);
      const done = await restored(thursday, { patterns: ['letter.txt', 'd', 'notes'], ...chosen });
      assert.deepEqual(done, ['restore d/e/deep.txt', 'restore letter.txt', 'nothing notes', 'problem notes/007.b', 'problem notes/a.txt']);
      const now = await files(root);
      assert.deepEqual([now['letter.txt'], now['d/e/deep.txt'], now['notes']], ['tue', '2', 'a file again']);
      const versions = await openLocal(root, { followLinks: false, flushEachFile: false, signal: new AbortController().signal });
      const contents = Object.values(await snapshot(versions));
      assert.ok(contents.includes('in summer'), 'what was overwritten is a version now');
      assert.ok((await listBelow(versions, '')).size > 0);
      await versions.close();
      assert.deepEqual(await restored(thursday, { patterns: ['letter.txt'], ...chosen }), ['same letter.txt']);
    });
  });
}
