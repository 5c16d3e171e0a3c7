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
    fileCount: entries.filter((entry) => !entry.endsWith('/')).length,
    names: () => names,
    joinedNames: () => names.join('/'),
    kind: (index) => (entries[index]?.endsWith('/') ? ENTRY_DIRECTORY : ENTRY_FILE),
    size: (index) => index,
    modifiedMs: () => 1000,
  } as Partial<DirectoryListing> as DirectoryListing;
}

/** One view of roots that list different things. */
async function* viewOf(...listings: readonly (DirectoryListing | undefined)[]): AsyncGenerator<View, void, undefined> {
  yield { path: 'd', listings, known: undefined };
}

async function* viewsOf(...listings: readonly DirectoryListing[]): AsyncGenerator<View, void, undefined> {
  for (const one of listings) yield { path: one.path, listings: [one, one], known: undefined };
}

function pathsOf({ directories, counts, names, unasked }: FilterQuestions): string[] {
  return allPaths({ directories, counts, names }).filter((_, index) => !unasked.includes(index));
}

function allPaths({ directories, counts, names }: Pick<FilterQuestions, 'directories' | 'counts' | 'names'>): string[] {
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
  allPaths(questions)
    .map((path, index) => (!questions.unasked.includes(index) && isOut(path) ? 'x' : '-'))
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

test('directories among the files of a list are asked about by the callback for directories only, whatever the answers say of them', async () => {
  const asked: string[][] = [];
  const isExclude: FilterBatch = async (questions) => {
    asked.push(pathsOf(questions));
    return 'x'.repeat(questions.names.split('/').length);
  };
  const isExcludeDir: FilterBatch = async (questions) => {
    asked.push(pathsOf(questions));
    return answer(questions, (path) => path === 'd/b');
  };
  const [view] = await collect(judged({ isExclude, isExcludeDir }, listing('d', ['a', 'b/', 'c', 'e', 'f/', 'g'])));
  assert.deepEqual(asked, [
    ['d/b', 'd/f'],
    ['d/a', 'd/c', 'd/e', 'd/g'],
  ]);
  assert.deepEqual([[...(view?.filesOut ?? [])], [...(view?.directoriesOut ?? [])]], [['a', 'c', 'e', 'g'], ['b']]);
});

test('a name is asked about once where any root has it as a file, with what each root has there', async () => {
  const cases: [(DirectoryListing | undefined)[], string[], number[][]][] = [
    [
      [listing('d', ['a', 'b']), listing('d', ['a', 'b'])],
      ['d/a', 'd/b'],
      [
        [1, 1, 1],
        [1, 1, 1],
      ],
    ],
    [
      [listing('d', ['a', 'b']), undefined],
      ['d/a', 'd/b'],
      [
        [1, 1, 0],
        [1, 1, 0],
      ],
    ],
    [
      [listing('d', []), listing('d', ['a', 'b'])],
      ['d/a', 'd/b'],
      [
        [1, 0, 1],
        [1, 0, 1],
      ],
    ],
    [
      [listing('d', ['a', 'b']), listing('d', ['a', 'c'])],
      ['d/a', 'd/b', 'd/c'],
      [
        [1, 1, 1],
        [1, 1, 0],
        [1, 0, 1],
      ],
    ],
    [
      [listing('d', ['a', 'b']), listing('d', ['a', 'b/'])],
      ['d/a', 'd/b'],
      [
        [1, 1, 1],
        [1, 1, 2],
      ],
    ],
    [[listing('d', ['a', 'b/']), listing('d', ['a', 'b/'])], ['d/a'], [[1, 1, 1]]],
    [[listing('d', ['a/', 'b/', 'c']), listing('d', ['a/', 'b/', 'c'])], ['d/c'], [[1, 1, 1]]],
    [[listing('d', ['a/', 'b/'])], [], []],
  ];
  for (const [listings, paths, kinds] of cases) {
    const asked: FilterQuestions[] = [];
    const isExclude: FilterBatch = async (questions) => {
      asked.push(questions);
      return answer(questions, () => true);
    };
    const rules = { scope: SCOPE, isExclude } as unknown as Rules;
    const [view] = await collect(judge(viewOf(...listings), [], rules));
    assert.deepEqual(asked.flatMap(pathsOf), paths);
    assert.deepEqual(asked.flatMap(kindsOf), kinds);
    assert.deepEqual(
      [...(view?.filesOut ?? [])].map((name) => `d/${name}`),
      paths,
    );
  }
});

/** Of each name that is asked about: what its entry says and what each root has. */
function kindsOf({ names, unasked, holders }: FilterQuestions): number[][] {
  const count = names.split('/').length;
  const each = holders.length / count;
  return Array.from({ length: count }, (_, index) => [...holders.subarray(index * each, (index + 1) * each)].filter((_, at) => at % 3 === 0)).filter(
    (_, index) => !unasked.includes(index),
  );
}

test('what the callback does not decide is left to the patterns, but not what it was not asked', async () => {
  const rules = {
    scope: { ...SCOPE, excludeFiles: ['*'] },
    isExclude: async (questions: FilterQuestions) => answer(questions, () => false),
  } as unknown as Rules;
  const [view] = await collect(judge(viewsOf(listing('d', ['a', 'b/', 'c'])), [], rules));
  assert.deepEqual([...(view?.filesOut ?? [])], ['a', 'c']);
});
