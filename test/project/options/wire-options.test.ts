import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WireOptions } from '../../../sdk/protocol.ts';
import { layeredOptions } from '../../../runtime/project/options/option-layers.ts';
import { type CheckContext, checkProject } from '../../../runtime/project/options/options.ts';
import { rulesOf } from '../../../runtime/project/options/rules.ts';
import { Callback, optionsFromWire } from '../../../runtime/project/options/wire-options.ts';
import { packedQuestions } from '../../kit/packed-questions.ts';

const CONTEXT: CheckContext = { projectFile: '/p/a.sync.ts', projectDir: '/p', home: '/home/me', platform: 'linux', now: 0 };
const SCRIPT = {};
const ROOTS = { kind: 'data', value: ['.', '/b'] } as const;

function checked(options: WireOptions, overrides: WireOptions = {}) {
  const own = optionsFromWire(options, SCRIPT, CONTEXT);
  return checkProject(layeredOptions({ own, overrides: optionsFromWire(overrides, SCRIPT, CONTEXT) }), CONTEXT);
}

test('a Date arrives exactly, even one of the first weeks of 1970', () => {
  assert.equal(checked({ roots: ROOTS, newerThan: { kind: 'date', ms: 1_234_567_891 } }).newerThanMs, 1_234_567_891);
  assert.throws(() => checked({ roots: ROOTS, newerThan: { kind: 'date', ms: Number.NaN } }), /"newerThan" is "Invalid Date", not a time/);
});

test('callbacks become the batches that the engine asks, and an override replaces one', async () => {
  const callback = (number: number) => ({ kind: 'callback', number }) as const;
  const project = checked({ roots: ROOTS, isExclude: callback(1), isExcludeDir: callback(2), onCollision: callback(3) }, { isExclude: callback(4) });
  assert.deepEqual(
    [project.isExclude, project.isExcludeDir, project.onCollision],
    [new Callback(4, SCRIPT), new Callback(2, SCRIPT), new Callback(3, SCRIPT)],
  );
  const rules = rulesOf(project, {
    filter: (asked) => () => Promise.resolve(asked.number === 4 ? 'x' : 'i'),
    collision: (asked) => () => Promise.resolve({ use: asked.number }),
    ignoreCase: true,
    ownPaths: [],
  });
  const question = packedQuestions([{ path: 'a', at: [null] }]);
  assert.equal(await rules.isExclude?.(question), 'x');
  assert.equal(await rules.isExcludeDir?.(question), 'i');
  assert.ok(typeof rules.onCollision === 'function');
  assert.deepEqual(await rules.onCollision({ path: 'a', reason: '', at: [] }), { use: 3 });
  assert.equal(rules.scope.ignoreCase, true);
});

test('a policy given as override takes the place of the callback', () => {
  const project = checked({ roots: ROOTS, onCollision: { kind: 'callback', number: 1 } }, { onCollision: { kind: 'data', value: 'newest' } });
  assert.equal(project.onCollision, 'newest');
});

test('a function where none is wanted is refused', () => {
  assert.throws(() => checked({ roots: ROOTS, mirror: { kind: 'callback', number: 1 } }), {
    message: 'option "mirror" is a function; it wants true or false',
  });
});

test('files among the sub-projects are relative to the project that names them', () => {
  const project = { kind: 'project', options: {} } as const;
  const projects = [{ kind: 'file', path: 'x.sync.ts' }, { kind: 'file', path: 'y.sync.ts', from: '/q/b.sync.ts' }, project] as const;
  assert.deepEqual(checked({ subSyncs: { kind: 'projects', projects } }).subSyncs, ['/p/x.sync.ts', '/q/y.sync.ts', project]);
});
