import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { GrantFlags, PermissionQuestion } from '../../runtime/project/run-request.ts';
import type { AuditEntry } from '../../runtime/permissions/audit.ts';
import { createBroker, type Broker, type BrokerOptions } from '../../runtime/permissions/broker.ts';
import { GrantError, parseGrant } from '../../runtime/permissions/grant.ts';
import { NeedError, type Need } from '../../runtime/permissions/need.ts';
import { createPathRules } from '../../runtime/permissions/path-rules.ts';
import { PermissionError, type PermissionErrorCode } from '../../runtime/permissions/permission-error.ts';
import { createRememberedGrants } from '../../runtime/permissions/remembered.ts';
import { memoryStore } from './memory-store.ts';
import { tempTree } from './temp-tree.ts';

const NONE: GrantFlags = { all: false, read: [], write: [], net: [], run: [], env: [], secret: [] };
/** What a sub-project is read to. */
const SUB = { sourcesHash: 'sub' };
const read = (path: string): Need => ({ kind: 'read', path });
const write = (path: string): Need => ({ kind: 'write', path });
const posix = { skip: process.platform === 'win32' };

async function setUp(t: TestContext) {
  const base = await tempTree(t, {
    'p/a.sync.ts': '',
    'p/sub/b.sync.ts': '',
    'p/data': null,
    'p2/c.sync.ts': '',
    texts: null,
    texts2: null,
    'usb/texts': null,
    config: null,
    'p/out': '-> ../texts',
  });
  const rules = createPathRules([join(base, 'config')]);
  const remembered = createRememberedGrants(memoryStore(), rules);
  const questions: PermissionQuestion[] = [];
  const answering = (...answers: ('once' | 'always' | 'no')[]): NonNullable<BrokerOptions['ask']> => ({
    async permission(question) {
      questions.push(question);
      return answers.shift() ?? assert.fail('asked once too often');
    },
  });
  const projectFile = join(base, 'p/a.sync.ts');
  const broker = (options: Partial<BrokerOptions> = {}): Promise<Broker> =>
    createBroker({
      projectFile,
      projectDir: join(base, 'p'),
      sourcesHash: 'one',
      flags: NONE,
      currentDir: base,
      namedRoots: [],
      remembered,
      rules,
      ask: undefined,
      ...options,
    });
  return { base, remembered, questions, answering, projectFile, broker, texts: join(base, 'texts'), usb: join(base, 'usb/texts') };
}

async function refusal(promise: Promise<unknown>, code: PermissionErrorCode): Promise<PermissionError> {
  const error = await promise.then(
    () => assert.fail('was permitted'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof PermissionError, String(error));
  assert.equal(error.code, code, error.message);
  return error;
}

test('the own folder is free, by real path', posix, async (t) => {
  const { base, broker, texts } = await setUp(t);
  const free = await broker();
  const paths = ['', 'data', 'data/new/deep', 'a.sync.ts', 'data/../sub'];
  for (const path of paths)
    assert.deepEqual(await free.require([read(join(base, 'p', path)), write(join(base, 'p', path))]), [join(base, 'p', path), join(base, 'p', path)]);
  assert.deepEqual(await free.require([read('data'), write('./data/')]), [join(base, 'p/data'), join(base, 'p/data')]);
  assert.equal(free.denied, undefined);
  for (const path of ['../texts', '..', `${base}/p2`, 'out', 'out/new', `${base}/p/../texts`]) {
    const bound = await broker();
    await refusal(bound.require([read(path)]), 'missing');
  }
  assert.deepEqual(await (await broker({ flags: { ...NONE, read: [texts] } })).require([read('out/new')]), [join(texts, 'new')]);
});

test('flags grant what they name: relative to the current folder, reading apart from writing, an empty list nothing', async (t) => {
  const { base, broker, texts } = await setUp(t);
  const reader = await broker({ flags: { ...NONE, read: ['texts'], write: [''] } });
  await reader.require([read(texts), read(join(texts, 'a'))]);
  await refusal(reader.require([write(texts)]), 'missing');
  await refusal(reader.require([read(join(base, 'texts2'))]), 'missing');
  const writer = await broker({ flags: { ...NONE, write: ['texts'] } });
  await writer.require([write(texts)]);
  await refusal(writer.require([read(texts)]), 'missing');
  await assert.rejects(broker({ flags: { ...NONE, net: ['https://host'] } }), GrantError);
});

test('-A grants everything but our own stores', async (t) => {
  const { base, broker } = await setUp(t);
  const all = await broker({ flags: { ...NONE, all: true } });
  await all.require([read(base), write(join(base, 'usb'))]);
  const error = await refusal(all.require([read(join(base, 'config/grants.json'))]), 'refused');
  assert.match(error.message, /whatever is granted/);
  assert.equal(all.denied, error);
  if (process.platform === 'linux') await refusal(all.require([read('/proc/self/environ')]), 'refused');
  await refusal((await broker({ namedRoots: [base] })).require([write(join(base, 'config'))]), 'refused');
});

test('roots named on the command line are granted by being named', async (t) => {
  const { base, broker, texts, usb } = await setUp(t);
  const named = await broker({ namedRoots: [texts] });
  await named.require([read(texts), write(join(texts, 'a'))]);
  await refusal(named.require([read(usb)]), 'missing');
  await refusal(named.require([read(join(base, 'texts2'))]), 'missing');
});

test('all that is missing is asked for in one go', async (t) => {
  const { base, broker, answering, questions, projectFile, texts, usb } = await setUp(t);
  const asked = await broker({ ask: answering('once') });
  const needs = [
    read('data'),
    read(texts),
    read(usb),
    write(usb),
    read(texts),
    { kind: 'write', path: join(base, 'log\u202e'), words: 'appends to' } as const,
  ];
  const paths = await asked.require(needs);
  assert.deepEqual(paths, [join(base, 'p/data'), texts, usb, usb, texts, join(base, 'log\u202e')]);
  assert.deepEqual(questions, [
    {
      projectFile,
      needs: [`reads ${texts}`, `reads, writes and removes in ${usb}`, `appends to ${join(base, 'log')}\\u202e`],
      changedSinceAllowed: false,
      canRemember: true,
    },
  ]);
  await asked.require(needs);
  assert.equal(questions.length, 1);
  assert.equal(asked.denied, undefined);
});

test('calls that wait together are asked about one after another, and never twice for the same', async (t) => {
  const { broker, answering, questions, texts, usb } = await setUp(t);
  const asked = await broker({ ask: answering('once', 'once') });
  await Promise.all([asked.require([read(texts)]), asked.require([read(texts), write(usb)]), asked.require([write(usb)])]);
  assert.deepEqual(
    questions.map((question) => question.needs),
    [[`reads ${texts}`], [`writes and removes in ${usb}`]],
  );
});

test('once lasts for the run, always for the same sources', async (t) => {
  const { broker, answering, questions, remembered, projectFile, texts, usb } = await setUp(t);
  await (await broker({ ask: answering('once') })).require([read(texts)]);
  await (await broker({ ask: answering('always') })).require([read(texts), write(usb)]);
  await (await broker()).require([read(texts), write(usb)]);
  const changed = await refusal((await broker({ sourcesHash: 'two' })).require([read(texts)]), 'missing');
  assert.match(changed.message, /changed since allowed, needs the same/);
  const more = await refusal((await broker({ sourcesHash: 'two' })).require([read(texts), read(usb)]), 'missing');
  assert.match(more.message, /changed since allowed, needs more/);
  await (await broker({ sourcesHash: 'two', ask: answering('once') })).require([read(texts)]);
  assert.equal(questions.at(-1)?.changedSinceAllowed, true);
  await remembered.allow(projectFile, [], 'any-change');
  await (await broker({ sourcesHash: 'three' })).require([read(texts), write(usb)]);
});

test('without anybody to ask, the error has each grant and the line that gives them', posix, async (t) => {
  const { base, broker, remembered, projectFile, texts, usb } = await setUp(t);
  const spaced = join(base, "it's here");
  const needs = [read(texts), read(usb), write(usb), write(spaced), read(texts)];
  const error = await refusal((await broker()).require(needs), 'missing');
  const lines = error.message.split('\n');
  assert.deepEqual(lines.slice(0, -1), [
    `${projectFile}: not permitted:`,
    `  reads ${texts}`,
    `  reads, writes and removes in ${usb}`,
    `  writes and removes in ${spaced}`,
    'To allow it:',
  ]);
  const line = lines.at(-1)?.trim() ?? '';
  assert.equal(line, `sxrun allow ${projectFile} read:${texts} read:${usb} write:${usb} 'write:${base}/it'\\''s here'`);
  const words = execFileSync('/bin/sh', ['-c', `sxrun() { printf '%s\\0' "$@"; }; ${line}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);
  assert.deepEqual(words.slice(0, 2), ['allow', projectFile]);
  await remembered.allow(
    projectFile,
    words.slice(2).map((word) => parseGrant(word, '/')),
    { sourcesHash: 'one', subProjects: [] },
  );
  await (await broker()).require(needs);
});

test('a project without a file is told the options, and nothing is remembered for it', posix, async (t) => {
  const { broker, answering, questions, remembered, texts } = await setUp(t);
  const error = await refusal((await broker({ projectFile: undefined })).require([read(texts), write(texts)]), 'missing');
  assert.equal(error.message.split('\n').at(-1), `  --allow-read=${texts} --allow-write=${texts}`);
  const comma = await refusal((await broker({ projectFile: undefined })).require([read(`${texts},2`)]), 'missing');
  assert.ok(comma.message.endsWith(`  --allow-read=${texts},,2`), 'a comma is doubled in a list');
  await (await broker({ projectFile: undefined, ask: answering('always') })).require([read(texts)]);
  assert.equal(questions[0]?.canRemember, false);
  assert.deepEqual(await remembered.list(), []);
});

test('a denial is sticky: the first one stays known, and is not asked about again', async (t) => {
  const { broker, answering, questions, texts, usb } = await setUp(t);
  const asked = await broker({ ask: answering('no', 'once') });
  const first = await refusal(asked.require([read(texts), read(usb)]), 'denied');
  assert.match(first.message, /sxrun allow/);
  await refusal(asked.require([read(texts)]), 'denied');
  assert.equal(questions.length, 1);
  await asked.require([write(usb)]);
  assert.equal(asked.denied, first);
});

test('a failing question is an error of its own, not a permission', async (t) => {
  const { broker, texts } = await setUp(t);
  const failing = await broker({ ask: { permission: () => Promise.reject(new Error('terminal is gone')) } });
  await assert.rejects(failing.require([read(texts)]), /terminal is gone/);
  assert.equal(failing.denied, undefined);
});

test('what is granted does not move when a folder is swapped for a link', posix, async (t) => {
  const { base, broker, texts, usb } = await setUp(t);
  const granted = await broker({ flags: { ...NONE, read: ['texts'] }, namedRoots: [usb] });
  renameSync(texts, `${texts}-old`);
  symlinkSync(join(base, 'p2'), texts);
  rmSync(usb, { recursive: true });
  symlinkSync('/', usb);
  for (const path of [texts, join(texts, 'c.sync.ts'), usb, join(usb, 'etc')]) await refusal(granted.require([read(path)]), 'missing');
});

test('a sub-project never has more than the run it is in', async (t) => {
  const { base, broker, remembered, texts, usb } = await setUp(t);
  const child = join(base, 'p2/c.sync.ts');
  await remembered.allow(child, [parseGrant(`read:${usb}`, base)], 'any-change');
  const run = await broker({ flags: { ...NONE, read: ['texts', child] } });
  const { broker: sub } = await run.forSubProject(child, async () => SUB);
  await sub.require([read(texts), write('data')]);
  for (const needs of [[read(join(base, 'p2'))], [write(join(base, 'p2/x'))], [read(usb)], [write(texts)]]) {
    const error = await refusal(sub.require(needs), 'missing');
    assert.match(error.message, /c\.sync\.ts\)/);
    assert.match(error.message, /sxrun allow .*a\.sync\.ts/);
  }
  assert.equal(run.denied, sub.denied);
  assert.ok(run.denied);
});

test('loading a sub-project needs read, and its sub-projects gain nothing either', async (t) => {
  const { base, broker, answering, questions, texts } = await setUp(t);
  const child = join(base, 'p2/c.sync.ts');
  await refusal(
    (await broker()).forSubProject(child, async () => assert.fail('was read')),
    'missing',
  );
  const run = await broker({ ask: answering('once', 'no') });
  const { broker: outer } = await run.forSubProject('sub/b.sync.ts', async () => SUB);
  const { broker: inner } = await outer.forSubProject(child, async () => SUB);
  assert.deepEqual(questions[0]?.needs, [`runs ${child} (sub-project ${join(base, 'p/sub/b.sync.ts')})`]);
  await refusal(inner.require([read(texts)]), 'denied');
  await refusal(run.require([read(texts)]), 'denied');
});

test('what was remembered for a project is for its sub-project only as that was then, and as all files on the way to it were', async (t) => {
  const { broker, answering, questions, projectFile, base, texts } = await setUp(t);
  const paths = [join(base, 'p/sub/b.sync.ts'), join(base, 'p/c.sync.ts')] as const;
  const inner = async (hashes: readonly [string, string], ask?: BrokerOptions['ask']): Promise<Broker> => {
    let last = await broker({ ask });
    for (const [at, path] of paths.entries()) last = (await last.forSubProject(path, async () => ({ sourcesHash: hashes[at] ?? '' }))).broker;
    return last;
  };
  const project = await broker({ ask: answering('always', 'once') });
  await project.require([read(texts)]);
  await (await project.forSubProject(paths[0], async () => SUB)).broker.require([read(texts)]);
  assert.equal(questions.length, 2, 'what is not remembered for the sub-project is asked for in this run, not in the next');
  const first = await refusal((await inner(['b', 'c'])).require([read(texts)]), 'missing');
  assert.doesNotMatch(first.message, /changed/);
  assert.equal(
    first.message.split('\n').at(-1)?.trim(),
    `sxrun allow ${projectFile} read:${texts} --sub-project=${paths[0]} --sub-project=${paths[1]}`,
  );
  await (await inner(['b', 'c'], answering('always'))).require([read(texts)]);
  await (await inner(['b', 'c'])).require([read(texts)]);
  await (await broker()).require([read(texts)]);
  for (const hashes of [
    ['b2', 'c'],
    ['b', 'c2'],
  ] as const) {
    assert.match((await refusal((await inner(hashes)).require([read(texts)]), 'missing')).message, /changed since allowed, needs the same/);
  }
  assert.equal(questions.length, 3);
});

/** A folder with a program in it that is on the PATH while the test runs. */
async function withPrograms(t: TestContext) {
  const kit = await setUp(t);
  const bin = join(kit.base, 'tools');
  mkdirSync(bin);
  writeFileSync(join(bin, 'pack'), '#!/bin/sh\n', { mode: 0o755 });
  const path = process.env['PATH'];
  process.env['PATH'] = [bin, path].join(delimiter);
  t.after(() => {
    process.env['PATH'] = path;
  });
  return { ...kit, bin };
}

test('hosts, programs, variables and secrets are asked for together with paths', posix, async (t) => {
  const { broker, answering, questions, bin, texts } = await withPrograms(t);
  const asked = await broker({ ask: answering('once') });
  const needs: readonly Need[] = [
    read(texts),
    { kind: 'net', host: 'NAS.local.', port: 22 },
    { kind: 'net', host: '::1', port: 80, words: 'sends mail by' },
    { kind: 'run', program: 'pack' },
    { kind: 'env', name: 'HOME' },
    { kind: 'secret', name: 'nas-password' },
    write(texts),
  ];
  assert.deepEqual(await asked.require(needs), [texts, 'nas.local', '::1', join(bin, 'pack'), 'HOME', 'nas-password', texts]);
  assert.deepEqual(questions[0]?.needs, [
    `reads, writes and removes in ${texts}`,
    'connects to nas.local:22',
    'sends mail by [::1]:80',
    `runs ${join(bin, 'pack')} (a program is outside the wall)`,
    'reads the variable HOME',
    'uses the secret nas-password',
  ]);
  await asked.require(needs);
  assert.equal(questions.length, 1);
});

test('the printed line grants hosts, programs and names exactly', posix, async (t) => {
  const { base, broker, remembered, projectFile, bin } = await withPrograms(t);
  const needs: readonly Need[] = [
    { kind: 'net', host: '[::ffff:127.0.0.1]', port: 8080 },
    { kind: 'run', program: 'pack' },
    { kind: 'env', name: 'LANG' },
    { kind: 'secret', name: 'mail' },
  ];
  const error = await refusal((await broker()).require(needs), 'missing');
  const line = error.message.split('\n').at(-1)?.trim() ?? '';
  assert.equal(line, `sxrun allow ${projectFile} net:127.0.0.1:8080 run:${bin}/pack env:LANG secret:mail`);
  const grants = line
    .split(' ')
    .slice(3)
    .map((word) => parseGrant(word, base));
  await remembered.allow(projectFile, grants, { sourcesHash: 'one', subProjects: [] });
  await (await broker()).require(needs);
  for (const need of [
    { kind: 'net', host: '127.0.0.1', port: 8081 },
    { kind: 'net', host: 'localhost', port: 8080 },
    { kind: 'run', program: 'sh' },
    { kind: 'env', name: 'LANGUAGE' },
    { kind: 'secret', name: 'LANG' },
    { kind: 'env', name: 'mail' },
  ] as const) {
    await refusal((await broker()).require([need]), 'missing');
  }
});

test('what does not exist or cannot be understood is an error of its own, and nobody is asked', async (t) => {
  const { broker, answering } = await setUp(t);
  const asked = await broker({ ask: answering() });
  const needs: readonly Need[] = [
    { kind: 'net', host: 'me@nas.local', port: 22 },
    { kind: 'net', host: 'nas.local', port: 0 },
    { kind: 'net', host: 'nas.local', port: Number.NaN },
    { kind: 'net', host: 'nas.local', port: 22.5 },
    { kind: 'run', program: 'no such program' },
    { kind: 'env', name: 'A=B' },
    { kind: 'env', name: '' },
    { kind: 'secret', name: 'a b' },
    { kind: 'secret', name: '*' },
  ];
  for (const need of needs) await assert.rejects(asked.require([need]), NeedError, JSON.stringify(need));
  assert.equal(asked.denied, undefined);
});

test('a program is granted by where it is: another one of its name on the PATH is another program', posix, async (t) => {
  const { base, broker, remembered, projectFile, bin } = await withPrograms(t);
  await remembered.allow(projectFile, [parseGrant('run:pack', base)], 'any-change');
  assert.deepEqual(await (await broker()).require([{ kind: 'run', program: join(bin, '../tools/pack') }]), [join(bin, 'pack')]);
  mkdirSync(join(base, 'first'));
  writeFileSync(join(base, 'first/pack'), '#!/bin/sh\n', { mode: 0o755 });
  process.env['PATH'] = [join(base, 'first'), process.env['PATH']].join(delimiter);
  const error = await refusal((await broker()).require([{ kind: 'run', program: 'pack' }]), 'missing');
  assert.match(error.message, /run:.*first\/pack/);
  await assert.rejects(broker({ flags: { ...NONE, run: ['no-such-program'] } }), GrantError);
});

test('a program that the script could replace is refused, whatever is granted', posix, async (t) => {
  const { base, broker, answering, bin, usb } = await withPrograms(t);
  const pack: Need = { kind: 'run', program: 'pack' };
  const flags = { ...NONE, run: ['pack'] };
  symlinkSync(bin, join(base, 'tools-link'));
  for (const path of [bin, join(bin, 'pack'), base, '/', join(base, 'tools-link')]) {
    const error = await refusal((await broker({ flags: { ...flags, write: [path] } })).require([pack]), 'refused');
    assert.match(error.message, /tools\/pack is not run: the script may write/, path);
  }
  await refusal((await broker({ flags, namedRoots: [bin] })).require([pack]), 'refused');
  await refusal((await broker({ flags, projectDir: bin })).require([pack]), 'refused');
  await refusal((await broker({ flags, ask: answering() })).require([pack, write(bin)]), 'refused');
  const later = await broker({ flags, ask: answering('once') });
  await later.require([pack]);
  assert.equal(later.couldReplace(bin), false);
  await later.require([write(base)]);
  assert.equal(later.couldReplace(bin), true);
  await refusal(later.require([pack]), 'refused');
  await (await broker({ flags: { ...flags, write: [usb] } })).require([pack]);
  await (await broker({ flags: { ...NONE, all: true } })).require([pack, write(base)]);
});

test('the audit hears of every decision and what it was made by', posix, async (t) => {
  const { base, broker, answering, remembered, projectFile, texts, usb } = await setUp(t);
  await remembered.allow(projectFile, [parseGrant('net:nas.local', base)], 'any-change');
  const entries: AuditEntry[] = [];
  const options = { audit: (entry: AuditEntry) => void entries.push(entry), ask: answering('once', 'no') };
  const audited = await broker({ ...options, flags: { ...NONE, env: ['LANG'] }, namedRoots: [usb] });
  await audited.require([read('data'), write(usb), { kind: 'env', name: 'LANG' }, { kind: 'net', host: 'nas.local', port: 22 }, read(texts)]);
  await refusal(audited.require([{ kind: 'secret', name: 'x' }]), 'denied');
  await refusal(audited.require([read('../config/grants.json')]), 'refused');
  await (await broker({ ...options, flags: { ...NONE, all: true } })).require([read(texts)]);
  const lines = entries.map((entry) => {
    assert.ok(entry.what === 'permission' && entry.project === projectFile);
    return [entry.kind, entry.value, entry.granted ?? entry.refused];
  });
  assert.deepEqual(lines, [
    ['read', join(base, 'p/data'), 'own folder'],
    ['write', usb, 'named root'],
    ['env', 'LANG', 'flag'],
    ['net', 'nas.local:22', 'remembered'],
    ['read', texts, 'prompt'],
    ['secret', 'x', 'denied'],
    ['read', '../config/grants.json', 'refused'],
    ['read', texts, '-A'],
  ]);
});

const mailServer: Need = { kind: 'net', host: 'mail.example', port: 587, words: 'sends mail by' };

test('what can be foreseen is asked for along with what the run needs, once', async (t) => {
  const { broker, questions, answering, texts } = await setUp(t);
  const asking = await broker({ ask: answering('once'), foreseen: [mailServer] });
  await asking.require([read('data')]);
  assert.equal(questions.length, 0);
  await asking.require([read(texts)], { atStart: true });
  assert.deepEqual(questions[0]?.needs, [`reads ${texts}`, 'sends mail by mail.example:587']);
  await asking.require([mailServer]);
  await asking.require([read(texts)], { atStart: true });
  assert.equal(questions.length, 1);
});

test('what can only be foreseen may be refused: nothing ends, and it is not asked for again', async (t) => {
  const { broker, questions, answering } = await setUp(t);
  const asking = await broker({ ask: answering('no'), foreseen: [mailServer] });
  assert.equal((await asking.require([read('data')], { atStart: true })).length, 1);
  assert.equal(asking.denied, undefined);
  assert.equal(questions.length, 1);
  await refusal(asking.require([mailServer]), 'denied');
  assert.equal(questions.length, 1);
});

test('where nobody can be asked, what can be foreseen is told with the way to allow it, and ends nothing', async (t) => {
  const { broker, projectFile, remembered, texts } = await setUp(t);
  const warnings: string[] = [];
  const options = { foreseen: [mailServer], warn: (message: string) => void warnings.push(message) };
  const silent = await broker(options);
  for (let run = 0; run < 2; run++) await silent.require([read('data')], { atStart: true });
  assert.equal(silent.denied, undefined);
  assert.match(
    warnings.join(),
    /not permitted, and the script may want it later, .*\n {2}sends mail by mail\.example:587\n.*\n {2}sxrun allow .*a\.sync\.ts net:mail\.example:587$/,
  );
  assert.equal(warnings.length, 1);
  const error = await refusal((await broker(options)).require([read(texts)], { atStart: true }), 'missing');
  assert.doesNotMatch(error.message, /mail\.example/);
  assert.equal(warnings.length, 2);
  await remembered.allow(projectFile, [parseGrant('net:mail.example', '/')], { sourcesHash: 'one', subProjects: [] });
  const foreseen = [mailServer, { kind: 'net', host: 'no host', port: 1 } as const];
  await (await broker({ ...options, foreseen })).require([read('data')], { atStart: true });
  assert.equal(warnings.length, 2);
});

test('a sub-project has what can be foreseen of its own', async (t) => {
  const { broker, base } = await setUp(t);
  const warnings: string[] = [];
  const outer = await broker({ warn: (message) => void warnings.push(message) });
  const { broker: inner } = await outer.forSubProject(join(base, 'p/sub/b.sync.ts'), async () => ({ ...SUB, foreseen: [mailServer] }));
  await inner.require([read('data')], { atStart: true });
  assert.match(warnings.join(), /--sub-project=.*b\.sync\.ts/);
});
