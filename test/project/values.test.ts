import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import type { HostContext } from '../../runtime/project/host/host-function.ts';
import { valueFunctions } from '../../runtime/project/host/values.ts';
import type { ScriptQuestion } from '../../runtime/project/run-request.ts';
import { createRedactor } from '../../runtime/project/redact.ts';
import { BUILT_COMMAND, runBuilt } from '../kit/built-command.ts';
import { temporaryFolder } from '../kit/sync-folders.ts';

const IMPORTS = "import { ask, env, log, secret, sync } from 'sxrun';\nsync.dontDo();\n";

interface Scene {
  /** Runs a script with these options. */
  run(script: string, ...options: readonly string[]): ReturnType<typeof runBuilt>;
  /** Keeps a secret as a user does. */
  keep(name: string, value: string): Promise<void>;
  readonly folder: string;
}

async function scene(context: TestContext): Promise<Scene> {
  const outer = await temporaryFolder(context);
  const [folder, home] = [join(outer, 'p'), join(outer, 'home')];
  await mkdir(folder);
  return {
    folder,
    async run(script, ...options) {
      await writeFile(join(folder, 'a.sync.ts'), `${IMPORTS}${script}`);
      return runBuilt(['-p', ...options, 'a.sync.ts'], { currentDir: folder, home });
    },
    async keep(name, value) {
      const child = spawn(process.execPath, [BUILT_COMMAND, 'secret', 'set', name], { env: { ...process.env, SXRUN_HOME: home } });
      child.stdin.end(value);
      assert.match(await text(child.stdout), /is kept in/);
    },
  };
}

test('a secret comes to the script that may have it, and is shown nowhere', async (context) => {
  const { run, keep, folder } = await scene(context);
  await keep('deploy/token', 'hunter-22 & more');
  const script = `const value = await secret('deploy/token');
log.info(value.length, value, encodeURIComponent(value), btoa(value), JSON.stringify({ value }));
console.error('as ' + value);
throw new Error('no ' + value);`;
  for (const options of [[], ['--json'], ['-v'], ['--audit', join(folder, 'audit')]]) {
    const { code, stdout, stderr } = await run(script, '--allow-secret=deploy/token', ...options);
    assert.equal(code, 2, stderr);
    assert.match(stdout + stderr, /16 \*\*\*/);
    assert.match(stdout + stderr, /no \*\*\*/);
    assert.doesNotMatch(stdout + stderr, /hunter|aHVudGVy/);
  }
  const audit = await readFile(join(folder, 'audit'), 'utf8');
  assert.match(audit, /deploy\/token/);
  assert.doesNotMatch(audit, /hunter/);
});

test('a secret without permission is refused with the line that allows it, and not even looked for', async (context) => {
  const { run, keep } = await scene(context);
  await keep('mail', 'hunter-22');
  for (const name of ['mail', 'unknown']) {
    const { code, stderr } = await run(`await secret('${name}').catch(() => undefined);`, '--allow-secret=other');
    assert.equal(code, 3);
    assert.match(stderr, new RegExp(`uses the secret ${name}[\\s\\S]*sxrun allow \\S+ secret:${name}`));
    assert.doesNotMatch(stderr, /there is no secret/);
  }
});

test('a secret that is not there is an error that says how to keep it, and that a script can catch', async (context) => {
  const { run } = await scene(context);
  const missing = await run("await secret('mail');", '-A');
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /a\.sync\.ts:3:\d+: there is no secret "mail": keep it with "sxrun secret set mail"/);
  const caught = await run("await secret('mail').catch((error) => log.info(error.name, error.code));", '-A');
  assert.deepEqual([caught.code, /SyncError secret/.test(caught.stdout)], [0, true]);
});

test('a store that cannot be read is an error of the secret, and stays as it is', async (context) => {
  const { run, keep, folder } = await scene(context);
  await keep('mail', 'hunter-22');
  const file = join(folder, '..', 'home', 'data', 'secrets', 'secrets.json');
  await writeFile(file, '{');
  const { code, stderr } = await run("await secret('mail');", '-A');
  assert.equal(code, 2);
  assert.match(stderr, /a\.sync\.ts:3:\d+: .*secrets\.json is damaged/);
  assert.equal(await readFile(file, 'utf8'), '{');
});

for (const name of [
  "'a b'",
  "'../../secrets'",
  "'a\\n'",
  "''",
  '5',
  'null',
  'undefined',
  "{ toString: () => 'mail' }",
  "'x'.repeat(300)",
  "'x;rm'",
]) {
  test(`secret(${name}) is refused before anybody is asked`, async (context) => {
    const { run } = await scene(context);
    const { code, stderr } = await run(`await secret(${name} as string);`);
    assert.equal(code, 2);
    assert.match(stderr, /a\.sync\.ts:3:\d+: secret: name is .*it wants (a|the) name of/);
  });
}

test('a variable comes to the script that may have it', async (context) => {
  const { run } = await scene(context);
  process.env['SXRUN_TEST_VALUE'] = 'a value';
  context.after(() => delete process.env['SXRUN_TEST_VALUE']);
  const script = "log.info(await env('SXRUN_TEST_VALUE'), await env('SXRUN_TEST_NONE'), await env('__proto__'), await env('toString'));";
  const { code, stdout } = await run(script, '--allow-env=SXRUN_TEST_VALUE,SXRUN_TEST_NONE,__proto__,toString');
  assert.equal(code, 0);
  assert.match(stdout, /a value undefined undefined undefined/);
  const refused = await run("await env('SXRUN_TEST_VALUE').catch(() => undefined);");
  assert.equal(refused.code, 3);
  assert.match(refused.stderr, /sxrun allow \S+ env:SXRUN_TEST_VALUE/);
  assert.equal((await run("await env('A=B');", '-A')).code, 2);
});

test('a question that nobody can be asked is an error that names it and another way', async (context) => {
  const { run } = await scene(context);
  const { code, stderr } = await run("await ask('Which\\u001b[2J year?');");
  assert.equal(code, 2);
  assert.match(stderr, /a\.sync\.ts:3:\d+: nobody can be asked "Which\\x1b\[2J year\?" without a terminal, or with -p/);
  const caught = await run("log.info(await ask('Which year?', { hidden: true }).catch((error) => error.code));");
  assert.deepEqual([caught.code, /no-answer/.test(caught.stdout)], [0, true]);
});

for (const [call, message] of [
  ["ask('')", 'a question of 1 to 500 characters'],
  ["ask('x'.repeat(501))", 'a question of 1 to 500 characters'],
  ['ask(1 as unknown as string)', 'a question'],
  ["ask('x', { hidden: 'yes' as unknown as boolean })", 'true or false'],
] as const) {
  test(`${call} is refused`, async (context) => {
    const { run } = await scene(context);
    const { code, stderr } = await run(`await ${call};`);
    assert.equal(code, 2);
    assert.ok(stderr.includes(`it wants ${message}`), stderr);
  });
}

/** What `ask` does where the user answers so. */
function asking(answer: string | undefined, hidden: boolean) {
  const questions: ScriptQuestion[] = [];
  const secrets = createRedactor();
  const ask = {
    answer: async (question: ScriptQuestion) => {
      questions.push(question);
      return answer;
    },
  };
  const context = {
    command: { request: { ask }, secrets },
    projectFile: '/p/a.sync.ts',
    simulation: true,
    atEnd: () => () => undefined,
  } as unknown as HostContext;
  return { questions, secrets, answered: valueFunctions.ask.run({ question: 'Which year?', hidden }, context, () => undefined) };
}

test('an answer comes to the script, in a simulation too; one that was hidden is never shown', async () => {
  const plain = asking('hunter-22', false);
  assert.equal(await plain.answered, 'hunter-22');
  assert.deepEqual(plain.questions, [{ script: 'a.sync.ts', text: 'Which year?', hidden: false }]);
  assert.equal(plain.secrets.redact('hunter-22'), 'hunter-22');
  const hidden = asking('hunter-22', true);
  assert.equal(await hidden.answered, 'hunter-22');
  assert.equal(hidden.secrets.redact('hunter-22'), '***');
});

test('a question that is left open interrupts the script', async () => {
  await assert.rejects(asking(undefined, false).answered, ({ error }) => error.code === 'interrupted');
});
