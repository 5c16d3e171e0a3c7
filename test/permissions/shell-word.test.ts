import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { allowLine } from '../../runtime/permissions/missing-grants.ts';
import { shellWord } from '../../runtime/permissions/shell-word.ts';
import { isPrintable, printableLines } from '../../runtime/printable.ts';

// biome-ignore format: a table
const HOSTILE = [
  'plain', '', 'a b', '~', '~root', '-rf', '$HOME', '$(touch x)', '`id`', "it's", '"', "'\"'", '\\', 'a\\nb', '*', '?', '[a]', '{a,b}', '#x', 'a;b', 'a&b', 'a|b', '>x', '!!', '%s', '%', '100%\n',
  'a\nb', '\n', 'a\n\n', '\x1b[2J', "\x1b'\\%d\\033", '\u202egpj.exe', '\x1b!!', 'grün 日本 👩‍👧', '\u009b31m grün', '=x', 'a=b', '\t',
];
const posix = { skip: process.platform === 'win32' };
const PRINT_ARGUMENTS = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))';

test('what is pasted into a POSIX shell arrives as it was', posix, () => {
  for (const shell of ['/bin/sh', 'bash', 'dash', 'zsh']) {
    if (spawnSync(shell, ['-c', ':']).status !== 0 && shell !== '/bin/sh') continue;
    const line = `exec "$NODE" -e "$CODE" -- ${HOSTILE.map((text) => shellWord(text, 'linux')).join(' ')}`;
    const out = execFileSync(shell, ['-c', line], { env: { ...process.env, NODE: process.execPath, CODE: PRINT_ARGUMENTS }, encoding: 'utf8' });
    assert.deepEqual(JSON.parse(out), HOSTILE, shell);
  }
});

test('what is shown is harmless on any terminal', () => {
  for (const text of HOSTILE) {
    for (const platform of ['linux', 'win32'] as const) assert.equal(printableLines(shellWord(text, platform)), shellWord(text, platform));
    assert.ok(isPrintable(shellWord(text, 'linux').replace(/'\n+'$/, '')), 'only line feeds at the very end stand as they are');
  }
});

test('the printed command arrives as project file and grants', posix, () => {
  const grants = [
    { kind: 'read', value: "/home/me/it's here" },
    { kind: 'write', value: '/mnt/$(id)/\x1b[2J\n' },
  ] as const;
  for (const file of ['/home/me/my texts.sync.ts', '-x.sync.ts']) {
    const line = allowLine({ projectFile: file, subProjects: ["/it's"], grants }, 'linux');
    const out = execFileSync('/bin/sh', ['-c', `sxrun() { "$NODE" -e "$CODE" -- "$@"; }; ${line}`], {
      env: { ...process.env, NODE: process.execPath, CODE: PRINT_ARGUMENTS },
      encoding: 'utf8',
    });
    const project = file.startsWith('-') ? `./${file}` : file;
    assert.deepEqual(JSON.parse(out), ['allow', project, ...grants.map((grant) => `${grant.kind}:${grant.value}`), "--sub-project=/it's"]);
  }
});

test('on Windows plain words stay, spaces are quoted, and PowerShell expands nothing', () => {
  const rows: [string, string][] = [
    ['read:C:\\data', 'read:C:\\data'],
    ['read:C:\\my data', '"read:C:\\my data"'],
    ['read:C:\\my data\\', '"read:C:\\my data\\\\"'],
    ['write:\\\\nas\\a share', '"write:\\\\nas\\a share"'],
    ['C:\\$x`y', '"C:\\`$x``y"'],
    ['C:\\a,b', '"C:\\a,b"'],
    ['C:\\“x”', '"C:\\$([char]0x201c)x$([char]0x201d)"'],
    ['C:\\\u202egpj', '"C:\\$([char]0x202e)gpj"'],
    ['C:\\👩', '"C:\\👩"'],
  ];
  for (const [text, word] of rows) assert.equal(shellWord(text, 'win32'), word);
});
