import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BaselineRow } from '../../runtime/engine/baseline.ts';
import { mergeRow } from '../../runtime/state/merge-row.ts';
import { recorded } from './fixtures/database-kit.ts';

/**
 * A row as text: `file v1 v1 -` is a file recorded as v1 on the first two roots and not on the third; `!` = behind; `gone` = no row.
 * Roots 0 and 1 are in the run, root 2 is left out (in `change` only the first two are given).
 */
function parse(text: string): BaselineRow | undefined {
  if (text === 'gone') return undefined;
  const [kind, ...revisions] = text.split(' ');
  return { kind: kind as BaselineRow['kind'], at: revisions.map((one) => (one === '-' ? undefined : recorded(one))) };
}

const TABLE: readonly [says: string, prior: string, change: string, after: string][] = [
  ['a first record leaves the absent root without', 'gone', 'file a1 b1', 'file a1 b1 -'],
  ['a new version leaves the absent root behind', 'file a1 b1 c1', 'file a2 b2', 'file a2 b2 c1!'],
  ['a new version on one root, the other failed', 'file a1 b1 c1', 'file a2 b1!', 'file a2 b1! c1!'],
  ['a change that could not be carried over yet', 'file a1 b1 c1', 'file a1! b2', 'file a1! b2 c1!'],
  ['a version that was only brought to one more root is no new version', 'file a1 - c1', 'file a1 b1', 'file a1 b1 c1'],
  ['a root that catches up makes no new version', 'file a1 b0! c1', 'file a1 b1', 'file a1 b1 c1'],
  ['the same once more', 'file a1 b1 c1', 'file a1 b1', 'file a1 b1 c1'],
  ['the absent root stays behind until it is there', 'file a2 b2 c1!', 'file a2 b2', 'file a2 b2 c1!'],
  ['an agreed removal leaves the absent root behind', 'file a1 b1 c1', 'gone', 'file - - c1!'],
  ['a removal on one root only', 'file a1 b1 c1', 'file - b1', 'file - b1 c1!'],
  ['a row without any record is an agreed removal', 'file a1 b1 c1', 'file - -', 'file - - c1!'],
  ['a removal where the absent root has nothing ends the row', 'file a1 b1 -', 'gone', 'gone'],
  ['a removal by roots that did not have the agreed version', 'file a0! - c1', 'gone', 'file - - c1'],
  ['a removal of what the run does not know', 'file - - c1!', 'gone', 'file - - c1!'],
  ['a new file after an agreed removal', 'file - - c1!', 'file a2 b2', 'file a2 b2 c1!'],
  ['a new file that never met the one of the absent root', 'file - - c1', 'file a2 b2', 'file a2 b2 -'],
  ['a version made from an older one while the agreed one is absent', 'file a0! b0! c1', 'file a2 b2', 'file a2 b2 -'],
  ['another kind', 'file a1 b1 c1', 'link t t', 'link t t -'],
  ['another kind, the absent root behind', 'file a1 b1 c1!', 'link t t', 'link t t -'],
  ['nothing known, nothing recorded', 'gone', 'gone', 'gone'],
];

for (const [says, prior, change, after] of TABLE) {
  test(`a left-out root: ${says} (${prior} + ${change} = ${after})`, () => {
    assert.deepEqual(mergeRow(parse(prior), parse(change), { columns: [0, 1], targets: [] }, 3), parse(after));
  });
}

test('with all roots in the run the row is what the run says', () => {
  assert.deepEqual(mergeRow(parse('file a1 b1 c1'), parse('link a2 b2 -'), { columns: [0, 1, 2], targets: [] }, 3), parse('link a2 b2 -'));
  assert.equal(mergeRow(parse('file a1 b1 c1'), undefined, { columns: [0, 1, 2], targets: [] }, 3), undefined);
});

test('the run’s columns may stand in any order', () => {
  assert.deepEqual(mergeRow(parse('file a1 b1 c1'), parse('file c2 a2'), { columns: [2, 0], targets: [] }, 3), parse('file a2 b1! c2'));
});

test('a change of the file’s identity or hash alone is no new version', () => {
  const change: BaselineRow = {
    kind: 'file',
    at: [
      { revision: 'a1', fileId: '9' },
      { revision: 'b1', hash: 'h' },
    ],
  };
  assert.deepEqual(mergeRow(parse('file a1 b1 c1'), change, { columns: [0, 1], targets: [] }, 3)?.at[2], { revision: 'c1' });
});
