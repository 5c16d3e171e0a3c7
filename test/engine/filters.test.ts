import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FilterQuestions } from '../../sdk/filter-protocol.ts';
import { type JudgedView, judge } from '../../runtime/engine/filters.ts';
import type { View } from '../../runtime/engine/march.ts';
import type { FilterBatch, Rules } from '../../runtime/engine/sync-run.ts';
import { ENTRY_DIRECTORY, ENTRY_FILE, type DirectoryListing } from '../../runtime/vfs/walk.ts';

const SCOPE = { excludeFiles: [], includeFiles: [], excludeDirs: [], includeDirs: [], killFiles: [], ignoreCase: false, links: 'ignore' } as const;

/** A listing of files, and of directories whose names end in `/`. */
function listing(path: string, entries: readonly string[]): DirectoryListing {
  const names = entries.map((entry) => entry.replace(/\/$/, ''));
  return {
    path,
    count: names.length,
    names: () => names,
    kind: (index) => (entries[index]?.endsWith('/') ? ENTRY_DIRECTORY : ENTRY_FILE),
    size: (index) => index,
    modifiedMs: () => 1000,
  } as Partial<DirectoryListing> as DirectoryListing;
}

async function* viewsOf(...listings: readonly DirectoryListing[]): AsyncGenerator<View, void, undefined> {
  for (const one of listings) yield { path: one.path, listings: [one, one], known: undefined };
}

function pathsOf({ directories, counts, names }: FilterQuestions): string[] {
  const all = names.split('/');
  return directories.flatMap((directory, place) => all.splice(0, counts[place]).map((name) => (directory === '' ? name : `${directory}/${name}`)));
}

function judged(rules: { readonly isExclude?: FilterBatch; readonly isExcludeDir?: FilterBatch }, ...listings: readonly DirectoryListing[]) {
  return judge(viewsOf(...listings), [], { scope: SCOPE, isExclude: undefined, isExcludeDir: undefined, ...rules } as unknown as Rules);
}

async function collect(views: AsyncIterable<JudgedView>): Promise<JudgedView[]> {
  const all: JudgedView[] = [];
  for await (const view of views) all.push(view);
  return all;
}

const many = (count: number, letter = 'f') => Array.from({ length: count }, (_, n) => `${letter}${String(n).padStart(6, '0')}`);
const answer = (questions: FilterQuestions, isOut: (path: string) => boolean) =>
  pathsOf(questions)
    .map((path) => (isOut(path) ? 'x' : '-'))
    .join('');

test('a directory of many files is asked about in pieces, and each gets its own verdict', async () => {
  const sizes: number[] = [];
  const isExclude: FilterBatch = async (questions) => {
    sizes.push(pathsOf(questions).length);
    return answer(questions, (path) => path.endsWith('7'));
  };
  const [view] = await collect(judged({ isExclude }, listing('d', many(5001))));
  assert.deepEqual(sizes, [2000, 2000, 1001]);
  assert.deepEqual(
    [...(view?.filesOut ?? [])],
    many(5001).filter((name) => name.endsWith('7')),
  );
});

test('the march goes on while questions are not answered, though not without end, and the views keep their order', async () => {
  const waiting: (() => void)[] = [];
  let most = 0;
  const isExclude: FilterBatch = (questions) =>
    new Promise((resolve) => {
      waiting.push(() => resolve(answer(questions, (path) => path === '3/f000001')));
      most = Math.max(most, waiting.length);
      // Answers come only when nothing more is asked.
      setImmediate(() => setImmediate(() => waiting.shift()?.()));
    });
  const views = await collect(judged({ isExclude }, ...Array.from({ length: 20 }, (_, n) => listing(`${n}`, many(2000)))));
  assert.deepEqual(
    views.map(({ path }) => path),
    Array.from({ length: 20 }, (_, n) => `${n}`),
  );
  assert.deepEqual(
    views.filter(({ filesOut }) => filesOut !== undefined).map(({ path, filesOut }) => [path, ...(filesOut ?? [])]),
    [['3', 'f000001']],
  );
  assert.ok(most > 1 && most <= 4, `${most} at once`);
});

test('nothing is asked of what lies in a directory that is out, however much is under way', async () => {
  const asked: string[] = [];
  const isExclude: FilterBatch = async (questions) => {
    asked.push(...pathsOf(questions));
    return answer(questions, () => false);
  };
  const isExcludeDir: FilterBatch = async (questions) => {
    asked.push(...pathsOf(questions).map((path) => `${path}/`));
    return answer(questions, (path) => path === 'd');
  };
  const listings = [listing('', [...many(2500), 'x/', 'd/']), listing('d', [...many(2500), 'e/']), listing('d/e', ['z']), listing('x', ['y'])];
  const pruned: string[] = [];
  const walk = { prune: (path: string) => void pruned.push(path) };
  const rules = { scope: SCOPE, isExclude, isExcludeDir } as unknown as Rules;
  const views = await collect(judge(viewsOf(...listings), [walk as never], rules));
  assert.deepEqual(
    asked.filter((path) => path.startsWith('d/')),
    ['d/'],
  );
  assert.ok(asked.includes('x/y'));
  assert.deepEqual(pruned, ['d']);
  assert.deepEqual(
    views.map(({ path }) => path),
    ['', 'x'],
  );
  assert.deepEqual([...(views[0]?.directoriesOut ?? [])], ['d']);
});

test('the first batch that fails is the one that is told, after the views before it', async () => {
  const seen: JudgedView[] = [];
  const isExclude: FilterBatch = async (questions) => {
    const [first = ''] = pathsOf(questions);
    if (first.startsWith('2') || first.startsWith('3')) throw new Error(`no ${first}`);
    return answer(questions, () => false);
  };
  await assert.rejects(async () => {
    for await (const view of judged({ isExclude }, ...Array.from({ length: 6 }, (_, n) => listing(`${n}`, many(2000))))) seen.push(view);
  }, /no 2\/f000000/);
  assert.deepEqual(
    seen.map(({ path }) => path),
    ['0', '1'],
  );
});
