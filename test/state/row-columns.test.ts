import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { BaselineRow } from '../../runtime/engine/baseline.ts';
import { decodeRows, encodeFiles, encodeRows } from '../../runtime/state/row-columns.ts';

const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('|', 'a|b', '\t', '\n', '"', '\ud800'));
const name = text.map((one) => one.replaceAll('/', '_'));
const mark = fc.record(
  { revision: text, fileId: text.filter((id) => id !== ''), hash: text.filter((id) => id !== ''), behind: fc.constant(true as const) },
  { requiredKeys: ['revision'], noNullPrototype: true },
);
const row = fc.record(
  { kind: fc.constantFrom('file', 'directory', 'link'), at: fc.array(fc.option(mark, { nil: undefined }), { minLength: 3, maxLength: 3 }) },
  { noNullPrototype: true },
);
const rows = fc.uniqueArray(fc.tuple(name, fc.option(row, { nil: undefined })), { selector: ([one]) => one, minLength: 1, maxLength: 8 });

test('rows come back as they were written, whatever names, revisions and link targets hold', () => {
  fc.assert(
    fc.property(rows, (entries) => {
      const names = entries.map(([one]) => one);
      const changes = entries.map(([, one]) => one) as (BaselineRow | undefined)[];
      const written = encodeRows(names, changes, 3);
      assert.ok(!/[\t\n]/.test(written), 'a raw tab or newline would end the part or the line');
      const read = decodeRows(written, [0, 1, 2]);
      assert.deepEqual(read.names, names);
      assert.deepEqual(read.rows, changes);
    }),
  );
});

test('columns are picked by number, and a column the text does not have is without records', () => {
  const written = encodeRows(['a', 'b'], [{ kind: 'file', at: [{ revision: '1' }, { revision: '2' }] }, undefined], 2);
  assert.deepEqual(decodeRows(written, [1, 7, undefined, 0]).rows, [
    { kind: 'file', at: [{ revision: '2' }, undefined, undefined, { revision: '1' }] },
    undefined,
  ]);
});

test('files that all roots have are written as their rows would be', () => {
  const files = fc.uniqueArray(fc.tuple(name, mark, mark), { selector: ([one]) => one, minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(files, (entries) => {
      const plain = entries.map(([one, ...marks]) => ({
        name: one,
        at: marks.map(({ revision, fileId }) => ({ revision, ...(fileId && { fileId }) })),
      }));
      const names = plain.map((one) => one.name);
      const rowsOf = plain.map(({ at }): BaselineRow => ({ kind: 'file', at }));
      const columns = [0, 1].map((column) => plain.map(({ at }) => at[column] as { revision: string }));
      assert.equal(encodeFiles(names, columns), encodeRows(names, rowsOf, 2));
    }),
  );
});
