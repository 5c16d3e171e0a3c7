import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import fc from 'fast-check';
import { compilePatterns } from '../../runtime/vfs/pattern.ts';
import { compilePatternList, countSearched } from '../../runtime/vfs/pattern-list.ts';

/** Patterns that match nothing which is asked here, so many that the list is a long one. */
const FILLING = Array.from({ length: 150 }, (_, index) => `none ${index}`);

function assertSame(pattern: string, path: string, rooted: boolean, ignoreCase: boolean): void {
  const expected = compilePatterns([pattern], rooted, ignoreCase)?.test(path);
  const found = compilePatternList([...FILLING, pattern], rooted, ignoreCase)?.test(path);
  assert.equal(found, expected, JSON.stringify({ pattern, path, rooted, ignoreCase }));
}

test('a pattern means the same in a long list as in a short one', () => {
  const cases = JSON.parse(readFileSync(new URL('./fixtures/fnmatch-cases.json', import.meta.url), 'utf8')) as [string, string, boolean][];
  for (const [pattern, name] of cases) for (const rooted of [true, false]) assertSame(pattern, name, rooted, false);
  const part = fc.stringMatching(/^[*?[\]!/aAsSſßẞkKİσςΣ😀.-]{0,6}$/u);
  fc.assert(
    fc.property(part, part, fc.boolean(), fc.boolean(), (pattern, path, rooted, ignoreCase) => {
      assertSame(pattern, path, rooted, ignoreCase);
      assertSame(path.replace(/[*?[]/g, 'x'), path, rooted, ignoreCase);
      assertSame(`*${path.slice(1)}`, path.toUpperCase(), rooted, ignoreCase);
      assertSame(`${path.slice(0, -1)}*`, path.toLowerCase(), rooted, ignoreCase);
    }),
    { numRuns: 500 },
  );
});

test('characters that are the same without regard to case are found in a long list', () => {
  const byKey = new Map<string, string[]>();
  for (let code = 0x21; code < 0x1_e980; code++) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const character = String.fromCodePoint(code);
    const others = [character.toLowerCase(), character.toUpperCase(), character.normalize('NFKC')];
    if (others.some((one) => one !== character))
      byKey.set(
        character,
        others.filter((one) => [...one].length === 1),
      );
  }
  let same = 0;
  const folds = [...byKey].flatMap(([character, others]) => others.map((one) => [character, one] as const));
  const patterns = [...new Set(folds.map(([character]) => character))];
  const list = compilePatternList(patterns, true, true);
  for (const [character, one] of folds) {
    if (!compilePatterns([character], true, true)?.test(one)) continue;
    same++;
    assert.equal(list?.test(one), true, `${character} ${one}`);
  }
  assert.ok(same > 2000, String(same));
});

test('names with one open end at most are looked up, all other patterns are searched for', () => {
  assert.equal(countSearched(['a', '/a/b', '*.o', 'a**']), 0);
  assert.equal(countSearched(['*a*', 'a*b', 'a?', '[a]', '*']), 5);
});

test('a long list is compiled in a time that grows with its length', () => {
  const list = compilePatternList(
    [...Array.from({ length: 100_000 }, (_, index) => `*${index}.bak`), ...Array.from({ length: 2_000 }, (_, n) => `a${n}*b*c`)],
    false,
    false,
  );
  assert.equal(list?.test('some/where/99999.bak'), true);
  assert.equal(list?.test('x/a1999-b/c'), true);
  assert.equal(list?.test('some/where/else'), false);
});
