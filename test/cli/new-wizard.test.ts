import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answers, askForProject, type OpenProject } from '../../runtime/cli/new-wizard.ts';
import { readTemplates } from '../../runtime/cli/template.ts';

const NOTHING_KNOWN: OpenProject = { template: undefined, places: [], excludeFiles: undefined, excludeDirs: undefined, output: undefined };

/** Someone who gives each answer to the question that starts so; `''` is ENTER alone. An answer that is left over fails the test. */
async function converse(dialogue: readonly (readonly [question: string, answer: string])[], known = NOTHING_KNOWN) {
  const open = [...dialogue];
  const answerTo = (question: string): string => {
    const [expected, answer] = open.shift() ?? assert.fail(`${question} was not expected`);
    assert.ok(question.startsWith(expected), `${question} came instead of ${expected}`);
    return answer;
  };
  const answers: Answers = {
    template: (question, templates) => {
      const name = answerTo(question);
      return Promise.resolve(templates.find((template) => template.name === name) ?? assert.fail(name));
    },
    text: (question, usual) => Promise.resolve(answerTo(question) || usual),
  };
  const project = await askForProject(known, readTemplates(), answers);
  assert.deepEqual(open, []);
  return project;
}

test('the wizard asks for template, places, what stays out and the file', async () => {
  const project = await converse([
    ['What shall it do?', 'two-way'],
    ['Where is "laptop"?', ' '],
    ['Where is "laptop"?', '~/docs'],
    ['Where is "server"?', ' /mnt/usb '],
    ['One more?', '/mnt/nas'],
    ['One more?', ''],
    ['Files to leave out', '*.bak,  core'],
    ['Folders to leave out', '-'],
    ['Project file', ''],
  ]);
  assert.equal(project?.template.name, 'two-way');
  assert.deepEqual(project.places, ['~/docs', '/mnt/usb', '/mnt/nas']);
  assert.deepEqual([project.excludeFiles, project.excludeDirs, project.output], [['*.bak', 'core'], [], 'two-way.sync.ts']);
});

test('what the arguments said is not asked again, and ENTER keeps the patterns of the template', async () => {
  const dialogue = [
    ['Files to leave out', ''],
    ['Folders to leave out', ''],
  ] as const;
  const project = await converse(dialogue, { ...NOTHING_KNOWN, template: readTemplates()[0], places: ['a', 'b'], output: 'x.sync.ts' });
  assert.deepEqual([project?.excludeFiles, project?.excludeDirs, project?.output], [['*.tmp', '~$*'], ['node_modules', '/cache'], 'x.sync.ts']);
});

test('a template without a project of its own is not asked for patterns', async () => {
  const project = await converse([
    ['What shall it do?', 'super-sync'],
    ['Where is "texts.sync.ts"?', 'a.sync.ts'],
    ['Where is "photos.sync.ts"?', 'b.sync.ts'],
    ['One more?', ''],
    ['Project file', 'all.sync.ts'],
  ]);
  assert.deepEqual([project?.excludeFiles, project?.output], [undefined, 'all.sync.ts']);
});

test('Ctrl-C abandons the wizard', async () => {
  const leaving = () => Promise.reject(Object.assign(new Error('left'), { name: 'ExitPromptError' }));
  assert.equal(await askForProject(NOTHING_KNOWN, readTemplates(), { template: leaving, text: leaving }), undefined);
});
