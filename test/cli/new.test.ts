import assert from 'node:assert/strict';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, test } from 'node:test';
import ts from 'typescript';
import { runNew } from '../../runtime/cli/new.ts';
import type { ProcessContext } from '../../runtime/cli/process-context.ts';
import { readTemplates } from '../../runtime/cli/template.ts';
import { type Editor, openEditor } from '../kit/editor.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sxrun-new-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs `sxrun new` without a terminal. */
async function runIn(currentDir: string, ...args: string[]): Promise<{ code: number; output: string }> {
  const shown = `${folder}.out`;
  const fd = openSync(shown, 'w');
  try {
    const context = { currentDir, stdin: new PassThrough(), stdout: { fd, isTTY: false }, stderr: new PassThrough() } as unknown as ProcessContext;
    const code = await runNew(args, context);
    return { code, output: readFileSync(shown, 'utf8') };
  } finally {
    closeSync(fd);
    rmSync(shown);
  }
}

test('without arguments and terminal the templates are listed, with a line each', async () => {
  const { code, output } = await runIn(folder);
  assert.equal(code, 0);
  for (const name of ['backup', 'mirror', 'rotating', 'two-way', 'three-point', 'move', 'periodic', 'super-sync'])
    assert.match(output, new RegExp(`^  ${name} +[A-Z].+\\.$`, 'm'));
  assert.deepEqual(readdirSync(folder), []);
});

test('a project file is written with the places and patterns asked for', async () => {
  const { output } = await runIn(folder, 'backup', '--source', 'a', '--target', '/mnt/usb/it\'s "here"', '-e', '*.bak', '-e', 'x\\y', '-x', '/old');
  const text = readFileSync(join(folder, 'backup.sync.ts'), 'utf8');
  assert.match(text, /^ {4}'a', \/\/ the source/m);
  assert.match(text, /\{ url: '\/mnt\/usb\/it\\'s "here"', targetOnly: true, autoMkdir: true \}/);
  assert.match(text, /^ {2}excludeFiles: \['\*\.bak', 'x\\\\y'\],$/m);
  assert.match(text, /^ {2}excludeDirs: \['\/old'\],$/m);
  assert.match(output, /^wrote backup\.sync\.ts\n/);
  assert.match(output, /sxrun -s backup\.sync\.ts\n$/);
});

test('commands in comments name the place that was given', async () => {
  await runIn(folder, 'versions', '--source', 'a', '--target', 'my\nold backup');
  const text = readFileSync(join(folder, 'versions.sync.ts'), 'utf8');
  assert.match(text, /^ {2}\/\/ To see them: +sxrun versions list "my\\nold backup"$/m);
  await runIn(folder, 'versions', '--source', 'a', '--target', '/mnt/usb', '-o', 'usb');
  assert.match(readFileSync(join(folder, 'usb.sync.ts'), 'utf8'), /sxrun versions restore \/mnt\/usb letters/);
});

test('a place for media wants %INDEX%, unless one after another is put in there', async () => {
  const media = (...flags: string[]) => runIn(folder, 'media', '--source', 'a', '--target', '/mnt/dvd', ...flags);
  await assert.rejects(media(), /\/mnt\/dvd is without %INDEX%, .* such as \/mnt\/dvd%INDEX%\./);
  await assert.rejects(media('--set', 'newMedia=are asked for', '--set', 'copies=2'), /without %INDEX%/);
  assert.deepEqual(readdirSync(folder), []);
  assert.equal((await media('--set', 'newMedia=are asked for')).code, 0);
});

test('a pattern list that the template does not have is added to it', async () => {
  await runIn(folder, 'mirror', '--root', 'a', '--root', 'b', '-x', 'tmp');
  assert.match(readFileSync(join(folder, 'mirror.sync.ts'), 'utf8'), /^ {2}excludeDirs: \['tmp'\],\n\}\);\n$/m);
});

test('options are put in with a line that explains them, changed and taken out', async () => {
  const flags = [
    '--no-sync-remove',
    '--on-collision',
    'newest',
    '--on-error',
    'continue-files',
    '-L',
    'two.log',
    '--newer-than',
    '7d',
    '-s',
    '-i',
    'good.tmp',
  ];
  await runIn(folder, 'two-way', '--root', 'a', '--root', 'b', ...flags);
  const [, project = ''] = readFileSync(join(folder, 'two-way.sync.ts'), 'utf8').split(/defineProject\(\{\n/);
  assert.equal(
    project,
    `  roots: ['a', 'b'],

  // The database remembers what both sides had in common. Only with it a file that was changed on both sides is noticed.
  syncDb: true,

  // Of a file that was changed on several roots the newest version wins.
  onCollision: 'newest',

  excludeFiles: ['*.tmp', '~$*'],
  // These take part although they are left out above.
  includeFiles: ['good.tmp'],

  // Older files are left alone.
  newerThan: '7d',

  // One file that cannot be copied does not end the run; it is reported, and the exit code is 1.
  onError: 'continue-files',

  // What is shown goes to this file, too.
  logFile: 'two.log',

  // Nothing is changed until this line is removed.
  simulation: true,
});
`,
  );
});

test('an option that is as the template has it leaves the template as it is', async () => {
  await runIn(folder, 'two-way', '--root', 'a', '--root', 'b', '-o', 'plain.sync.ts');
  await runIn(
    folder,
    'two-way',
    '--root',
    'a',
    '--root',
    'b',
    '-y',
    '-+',
    '--on-collision',
    'report',
    '-e',
    '*.tmp',
    '-e',
    '~$*',
    '-o',
    'said.sync.ts',
  );
  assert.equal(readFileSync(join(folder, 'said.sync.ts'), 'utf8'), readFileSync(join(folder, 'plain.sync.ts'), 'utf8'));
});

test('settings of a template are set by name', async () => {
  await runIn(folder, 'rotating', '--source', 'a', '--target', 'b', '--set', 'span=day', '--set', 'keep=7');
  const text = readFileSync(join(folder, 'rotating.sync.ts'), 'utf8');
  assert.match(text, /^const source = 'a'; .+\nconst backup = 'b'; /m);
  assert.match(text, /^const span: 'hour' \| 'day' \| 'week' \| 'month' = 'day'; /m);
  assert.match(text, /^const keep = 7; /m);
});

test('templates that are a list of places take more than they show', async () => {
  await runIn(folder, 'three-point', ...['a', 'b', 'c', 'd'].flatMap((root) => ['--root', root]));
  assert.match(readFileSync(join(folder, 'three-point.sync.ts'), 'utf8'), /roots: \['a', 'b', 'c', 'd'\],/);
});

test('relative places are seen from the new file, which may be elsewhere', async () => {
  mkdirSync(join(folder, 'projects'));
  const places = ['a', '~/b', 'igz:c', 'zip:d.zip//inner', 'igz:/e', 'sftp://me@host/f', 'null:', '.'];
  await runIn(folder, 'two-way', ...places.flatMap((place) => ['--root', place]), '-L', 'my.log', '-o', 'projects/both.sync.ts');
  const text = readFileSync(join(folder, 'projects', 'both.sync.ts'), 'utf8');
  const seen = ['../a', '~/b', 'igz:../c', 'zip:../d.zip//inner', 'igz:/e', 'sftp://me@host/f', 'null:', '..'];
  assert.ok(text.includes(`roots: [${seen.map((place) => `'${place}'`).join(', ')}],`), text);
  assert.match(text, /logFile: '\.\.\/my\.log'/);
});

test('the end of the new name need not be typed', async () => {
  await runIn(folder, 'two-way', '--root', 'a', '--root', 'b', '-o', 'my texts');
  assert.ok(readdirSync(folder).includes('my texts.sync.ts'));
});

test('a file that is there is never written over', async () => {
  for (const file of ['backup.sync.ts', 'tsconfig.json', 'sxrun.d.ts']) writeFileSync(join(folder, file), 'mine');
  await assert.rejects(runIn(folder, 'backup', '--source', 'a', '--target', 'b'), {
    name: 'UsageError',
    message: /backup\.sync\.ts is there already; it stays as it is/,
  });
  await runIn(folder, 'backup', '--source', 'a', '--target', 'b', '-o', 'other.sync.ts');
  for (const file of ['backup.sync.ts', 'tsconfig.json', 'sxrun.d.ts']) assert.equal(readFileSync(join(folder, file), 'utf8'), 'mine');
});

const WRONG: readonly [readonly string[], RegExp][] = [
  [['bakup'], /there is no template "bakup"; there are backup, /],
  [
    ['backup'],
    /wants 2 places \(documents, backup\); it got 0\. Missing: "documents", "backup"\. Name them in this order, with --source PLACE and --target PLACE/,
  ],
  [['backup', '--source', 'a'], /it got 1\. Missing: "backup"\./],
  [['backup', '--source', 'a', '--target', ''], /a place cannot be empty; the current folder is \./],
  [['backup', '--source', 'a', '--target', 'b', '--set', 'keep=4'], /the template backup has no setting "keep"; it has none/],
  [['rotating', '--source', 'a', '--target', 'b', '--set', 'often=4'], /no setting "often"; it has span, keep/],
  [['rotating', '--source', 'a', '--target', 'b', '--set', 'span=fortnight'], /--set span=fortnight: span is one of hour, day, week, month/],
  [['rotating', '--source', 'a', '--target', 'b', '--set', 'keep=none'], /keep is a whole number from 1; it got none/],
  [['rotating', '--source', 'a', '--target', 'b', '--set', 'keep'], /--set NAME=VALUE/],
  [
    ['mail-on-error', '--source', 'a', '--target', 'b', '--set', 'server=smtp://h'],
    /needs --set address=…: Address that gets the mail, such as me@example\.org/,
  ],
  [['super-sync', '--root', 'a', '--root', 'b', '-e', '*.bak'], /excludeFiles has no place in the template super-sync/],
  [['backup', '--source', 'a', '--target', 'b', '--on-collision', 'oldest'], /--on-collision wants report, newest, keepBoth; it got oldest/],
  [['backup', '--source', 'a', '--target', 'b', '--on-error', 'go'], /--on-error wants stop, continue-files/],
  [['backup', '--source', 'a', '--target', 'b', '--newer-than', 'soon'], /not a time/],
  [['backup', '--source', 'a', '--source', 'b', '--target', 'c'], /wants 2 places .* it got 3/],
  [['two-way', '--root', 'a'], /or more; it got 1/],
  [['backup', '--from', 'a'], /unknown option '--from'/],
  [['backup', '--source', 'a', '--target', 'b', '-o', 'x.ts'], /project files end in \.sync\.ts/],
  [['backup', '--source', 'a', '--target', 'b', '-o', 'no/x.sync.ts'], /the folder .* does not exist/],
];
for (const [args, message] of WRONG) {
  test(`new ${args.join(' ')} is refused, and nothing is written`, async () => {
    await assert.rejects(runIn(folder, ...args), { name: 'UsageError', message });
    assert.deepEqual(readdirSync(folder), []);
  });
}

test('nothing is left for the editor where the package is installed', async () => {
  mkdirSync(join(folder, 'node_modules', 'sxrun'), { recursive: true });
  writeFileSync(join(folder, 'node_modules', 'sxrun', 'package.json'), '{}');
  mkdirSync(join(folder, 'sub'));
  await runIn(join(folder, 'sub'), 'backup', '--source', 'a', '--target', 'b');
  assert.deepEqual(readdirSync(join(folder, 'sub')), ['backup.sync.ts']);
});

/** An editor that opened the folder, which its own tsconfig.json describes. */
function editorOn(directory: string): Editor {
  const config = ts.parseJsonConfigFileContent(JSON.parse(readFileSync(join(directory, 'tsconfig.json'), 'utf8')), ts.sys, directory);
  assert.deepEqual(config.errors, []);
  return openEditor(config.fileNames, config.options, directory);
}

test('an editor completes the new file with nothing installed beside it', async () => {
  const { output } = await runIn(folder, 'backup', '--source', 'a', '--target', 'b');
  assert.match(output, /wrote sxrun\.d\.ts, for your editor\nwrote tsconfig\.json, for your editor\n/);
  const file = join(folder, 'try.sync.ts');
  const text =
    "import { defineProject } from 'sxrun';\nconsole.log(new URL('http://h'));\nexport default defineProject({ roots: [{ url: 'a',  }], compare: '' });\n";
  writeFileSync(file, text);
  const editor = editorOn(folder);
  const offered = (at: number) => editor.offered(file, at);
  const names = offered(text.indexOf('{ defineProject') + 2);
  for (const name of ['defineProject', 'sync', 'log', 'SyncError']) assert.ok(names.includes(name), `${name} is offered in the import`);
  assert.ok(!names.includes('runSync'), 'what is not public is not offered');
  assert.ok(offered(text.indexOf("'a', ") + 5).includes('targetOnly'));
  assert.deepEqual(offered(text.indexOf("compare: '") + 10), ['content', 'size', 'time']);
});

test('every template is free of type errors in such an editor', async () => {
  for (const { name, places, settings } of readTemplates()) {
    const set = settings.flatMap((setting) => ['--set', `${setting.name}=${setting.usual}`]);
    await runIn(folder, name, ...places.flatMap((place) => ['--root', place]), ...set);
  }
  const editor = editorOn(folder);
  for (const template of readTemplates()) {
    const file = join(folder, `${template.name}.sync.ts`);
    assert.deepEqual(editor.faults(file), []);
  }
});

test('an editor knows the globals of the sandbox, and no others', async () => {
  await runIn(folder, 'backup', '--source', 'a', '--target', 'b');
  const file = join(folder, 'try.sync.ts');
  const known = [
    "console.log(new URL('a', 'http://h').searchParams.get('x'));",
    "for (const [name] of new URLSearchParams('a=b')) setTimeout(console.log, 10, name);",
  ];
  writeFileSync(file, [...known, 'new TextDecoder().decode(new TextEncoder().encode(crypto.randomUUID()));', 'export {};'].join('\n'));
  assert.deepEqual(editorOn(folder).faults(file), []);
  writeFileSync(file, 'document.title = process.title;\nexport {};');
  assert.equal(editorOn(folder).faults(file).length, 2);
});

test('the declarations for the editor are sound in themselves, alone and beside the globals of a browser', async () => {
  await runIn(folder, 'backup', '--source', 'a', '--target', 'b');
  const declarations = join(folder, 'sxrun.d.ts');
  for (const lib of [['lib.es2023.d.ts'], ['lib.es2023.d.ts', 'lib.dom.d.ts']]) {
    const program = ts.createProgram([declarations], { lib, types: [], strict: true, noEmit: true, target: ts.ScriptTarget.ES2022 });
    const faults = ts.getPreEmitDiagnostics(program);
    assert.deepEqual(
      faults.map((fault) => ts.flattenDiagnosticMessageText(fault.messageText, '\n')),
      [],
    );
  }
});
