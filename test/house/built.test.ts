import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { REPOSITORY } from '../kit/built-command.ts';

test('the built command takes what puts files into the recycle bins of macOS and Windows from its package', async () => {
  const code = readFileSync(join(REPOSITORY, 'dist', 'command.cjs'), 'utf8');
  const [expression] = /require\("trash"\)[.\w]*/.exec(code) ?? [];
  assert.equal(expression, 'require("trash").default');
  assert.equal(typeof (await import('trash')).default, 'function');
});
