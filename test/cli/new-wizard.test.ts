import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OpenProject } from '../../runtime/cli/new-project.ts';
import { type Answers, askForProject, type Choice, isComplete } from '../../runtime/cli/new-wizard.ts';
import { readTemplates } from '../../runtime/cli/template.ts';

const NOTHING_KNOWN: OpenProject = { template: undefined, places: [], settings: {}, options: {}, output: undefined };

/** A question that starts so, and what is typed; several ticks are parted by a comma, `=` leaves them as they are. */
type Dialogue = readonly (readonly [question: string, answer: string])[];

/** Someone who gives each answer to its question; `''` is ENTER alone. An answer that is refused or left over fails the test. */
async function converse(dialogue: Dialogue, known = NOTHING_KNOWN) {
  const open = [...dialogue];
  const answerTo = (question: string): string => {
    const [expected, answer] = open.shift() ?? assert.fail(`${question} was not expected`);
    assert.ok(question.startsWith(expected), `${question} came instead of ${expected}`);
    return answer;
  };
  const answers: Answers = {
    text(question, usual, fault) {
      const answer = answerTo(question) || usual;
      assert.equal(fault?.(answer), undefined);
      return Promise.resolve(answer);
    },
    one<Value>(question: string, choices: readonly Choice<Value>[], usual?: Value) {
      const name = answerTo(question);
      if (name === '' && usual !== undefined) return Promise.resolve(usual);
      return Promise.resolve((choices.find((choice) => choice.name === name || choice.value === name) ?? assert.fail(name)).value);
    },
    several(question, choices) {
      const names = answerTo(question);
      return Promise.resolve(
        choices.filter(({ value, checked }) => (names === '=' ? checked : names.split(',').includes(String(value)))).map(({ value }) => value),
      );
    },
    outputFault: (name) => (name === '' ? 'no' : undefined),
  };
  const project = await askForProject(known, readTemplates(), answers);
  assert.deepEqual(open, []);
  return project;
}

/** What was chosen, without what stays out of the file. */
function chosen(options: OpenProject['options'] | undefined): unknown {
  return Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== false && !(Array.isArray(value) && value.length === 0)));
}

test('the wizard asks for template, places, what stays out, options and the file', async () => {
  const project = await converse([
    ['What shall it do?', 'two-way'],
    ['Where is "laptop"?', '~/docs'],
    ['Where is "server"?', ' /mnt/usb '],
    ['One more?', '/mnt/nas'],
    ['One more?', ''],
    ['Project file', 'my texts'],
    ['Files to leave out', '*.bak,  core'],
    ['Files to take although', 'good.bak'],
    ['Folders to leave out', '-'],
    ['Options', 'syncDb,logFile,newerThan,simulation'],
    ['Younger than', '24h'],
    ['Log file', ''],
    ['A file that was changed', 'newest'],
  ]);
  assert.equal(project?.template.name, 'two-way');
  assert.deepEqual(project.places, ['~/docs', '/mnt/usb', '/mnt/nas']);
  assert.deepEqual(chosen(project.options), {
    excludeFiles: ['*.bak', 'core'],
    includeFiles: ['good.bak'],
    syncDb: true,
    newerThan: '24h',
    logFile: 'my texts.log',
    simulation: true,
    onCollision: 'newest',
  });
  assert.equal(project.options.syncRemove, false, 'what was not ticked goes');
  assert.equal(project.output, 'my texts');
});

test('what the arguments said is not asked again, and ENTER keeps what the template has', async () => {
  const dialogue: Dialogue = [
    ['Files to take although', ''],
    ['Folders to leave out', ''],
    ['Folders to take although', ''],
    ['Options', '='],
  ];
  const known = {
    ...NOTHING_KNOWN,
    template: readTemplates()[0],
    places: ['a', 'b'],
    options: { excludeFiles: ['*.x'], syncDb: false },
    output: 'x.sync.ts',
  };
  const project = await converse(dialogue, known);
  assert.deepEqual(chosen(project?.options), { excludeFiles: ['*.x'], excludeDirs: ['node_modules'], onError: 'continue-files' });
  assert.equal(project?.output, 'x.sync.ts');
});

test('settings of a template are asked for, with what it has as the usual answer', async () => {
  const project = await converse(
    [
      ['How long each folder', 'day'],
      ['How many folders', ''],
      ['Files to leave out', '-'],
      ['Folders to leave out', ''],
      ['Options', ''],
    ],
    { ...NOTHING_KNOWN, template: readTemplates().find(({ name }) => name === 'rotating'), places: ['a', 'b'], output: 'x.sync.ts' },
  );
  assert.deepEqual(project?.settings, { span: 'day', keep: '4' });
  assert.deepEqual(chosen(project.options), {});
});

test('a template without a project of its own is not asked for patterns and options', async () => {
  const project = await converse([
    ['What shall it do?', 'super-sync'],
    ['Where is "texts.sync.ts"?', 'a.sync.ts'],
    ['Where is "photos.sync.ts"?', 'b.sync.ts'],
    ['One more?', ''],
    ['Project file', 'all.sync.ts'],
  ]);
  assert.deepEqual([project?.options, project?.output], [{}, 'all.sync.ts']);
});

test('nobody is asked when the arguments say all that is needed', () => {
  const backup = { ...NOTHING_KNOWN, template: readTemplates()[0] };
  assert.ok(!isComplete(NOTHING_KNOWN) && !isComplete(backup) && !isComplete({ ...backup, places: ['a'] }));
  assert.ok(isComplete({ ...backup, places: ['a', 'b'] }));
});

test('Ctrl-C abandons the wizard', async () => {
  const leaving = () => Promise.reject(Object.assign(new Error('left'), { name: 'ExitPromptError' }));
  const answers = { text: leaving, one: leaving, several: leaving, outputFault: () => undefined };
  assert.equal(await askForProject(NOTHING_KNOWN, readTemplates(), answers), undefined);
});

test('the wizard asks again for a place without %INDEX%', async () => {
  await assert.rejects(
    converse([
      ['What shall it do?', 'media'],
      ['Where is "documents"', 'a'],
      ['Where is "media%INDEX%"', '/mnt/dvd'],
    ]),
    /is without %INDEX%/,
  );
});
