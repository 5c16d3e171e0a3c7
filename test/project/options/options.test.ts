import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OptionError } from '../../../runtime/project/options/option-error.ts';
import { type CheckContext, checkProject } from '../../../runtime/project/options/options.ts';
import { localFolderOf } from '../../../runtime/vfs/root-address.ts';

const NOW = Date.UTC(2024, 5, 15, 12);
const LINUX: CheckContext = {
  projectFile: '/home/me/texts/texts.sync.ts',
  projectDir: '/home/me/texts',
  home: '/home/me',
  platform: 'linux',
  now: NOW,
};
const WINDOWS: CheckContext = {
  projectFile: 'C:\\texts\\texts.sync.ts',
  projectDir: 'C:\\texts',
  home: 'C:\\Users\\me',
  platform: 'win32',
  now: NOW,
};
const ROOTS = ['.', '/mnt/usb'];

function errorOf(options: unknown, context = LINUX): OptionError {
  try {
    checkProject(options, context);
  } catch (error) {
    assert.ok(error instanceof OptionError, String(error));
    return error;
  }
  return assert.fail('the options were accepted');
}

test('a project with nothing but roots gets every default', () => {
  const at = (path: string) => ({ layers: [], base: { kind: 'local' as const, path } });
  const target = { url: '/mnt/usb', address: at('/mnt/usb'), targetOnly: false, autoMkdir: false, shadows: [] };
  assert.deepEqual(checkProject({ roots: ROOTS }, LINUX), {
    name: 'texts.sync.ts',
    roots: [{ ...target, url: '.', address: at('/home/me/texts') }, target],
    subSyncs: [],
    excludeFiles: [],
    includeFiles: [],
    excludeDirs: [],
    includeDirs: [],
    killFiles: [],
    isExclude: undefined,
    isExcludeDir: undefined,
    newerThanMs: undefined,
    syncDb: undefined,
    syncRemove: false,
    mirror: false,
    onCollision: 'report',
    compare: 'time',
    evenTime: false,
    timeShiftsMs: [],
    simulation: false,
    lazyMkdir: false,
    symlinks: 'ignore',
    onError: 'stop',
    guard: { maxRemove: { share: 0.5 }, maxOverwrite: { share: 0.5 }, minFiles: 10 },
    checkCwd: false,
    logFile: undefined,
    sourceList: undefined,
    verbose: false,
    parallel: undefined,
    versions: { folder: undefined, max: 10_000, exclude: [], keep: undefined },
    volumes: [],
    encoders: [],
  });
});

const WRONG: readonly [unknown, string, string][] = [
  [{ roots: ROOTS, exludeFiles: [] }, 'exludeFiles', 'option "exludeFiles" is unknown; did you mean "excludeFiles"?'],
  [{ roots: ROOTS, syncdb: true }, 'syncdb', 'option "syncdb" is unknown; did you mean "syncDb"?'],
  [{ roots: ROOTS, colour: true }, 'colour', 'option "colour" is unknown; the README lists all options'],
  [JSON.parse('{"roots":[".","/b"],"__proto__":{"simulation":false}}'), '__proto__', 'option "__proto__" is unknown; the README lists all options'],
  [{ roots: ['.', { ulr: '/b' }] }, 'roots[1].ulr', 'option "roots[1].ulr" is unknown; did you mean "roots[1].url"?'],
  [{ roots: ROOTS, guard: { maxRemoves: 3 } }, 'guard.maxRemoves', 'option "guard.maxRemoves" is unknown; did you mean "guard.maxRemove"?'],
  [{ roots: ROOTS, logFile: { path: 'a', mod: 'append' } }, 'logFile.mod', 'option "logFile.mod" is unknown; did you mean "logFile.mode"?'],
  [{ roots: ROOTS, simulation: 'yes' }, 'simulation', 'option "simulation" is "yes"; it wants true or false'],
  [
    { roots: ROOTS, excludeFiles: '*.bak' },
    'excludeFiles',
    'option "excludeFiles" is "*.bak"; it wants a list of patterns such as ["*.bak", "/cache/*"]',
  ],
  [{ roots: ROOTS, excludeFiles: ['*.bak', 3] }, 'excludeFiles[1]', 'option "excludeFiles[1]" is 3; it wants a pattern such as "*.bak"'],
  [{ roots: ROOTS, excludeFiles: [''] }, 'excludeFiles[0]', 'option "excludeFiles[0]" is "", which matches nothing'],
  [{ roots: ROOTS, excludeDirs: ['tmp/'] }, 'excludeDirs[0]', 'option "excludeDirs[0]" is "tmp/"; write it without the slash at the end: "tmp"'],
  [
    { roots: ROOTS, excludeDirs: ['./tmp'] },
    'excludeDirs[0]',
    'option "excludeDirs[0]" is "./tmp"; a pattern at the root starts with a slash: "/tmp"',
  ],
  [{ roots: ROOTS, isExclude: 'x' }, 'isExclude', 'option "isExclude" is "x"; it wants a function'],
  [{ roots: ROOTS, compare: 'hash' }, 'compare', 'option "compare" is "hash"; it wants "time", "size" or "content"'],
  [{ roots: ROOTS, onCollision: 'oldest' }, 'onCollision', 'option "onCollision" is "oldest"; it wants "report", "newest", "keepBoth" or a function'],
  [
    { roots: ROOTS, guard: true },
    'guard',
    'option "guard" is true; it wants false or an object such as { maxRemove: "50%", maxOverwrite: "50%", minFiles: 10 }',
  ],
  [
    { roots: ROOTS, guard: { maxRemove: 0.5 } },
    'guard.maxRemove',
    'option "guard.maxRemove" is 0.5; it wants a number of files or a share such as "50%"',
  ],
  [
    { roots: ROOTS, guard: { maxRemove: '150%' } },
    'guard.maxRemove',
    'option "guard.maxRemove" is "150%"; it wants a number of files or a share from "0%" to "100%"',
  ],
  [{ roots: ROOTS, guard: { minFiles: -1 } }, 'guard.minFiles', 'option "guard.minFiles" is -1; it wants a whole number of files'],
  [{ roots: ROOTS, parallel: 0 }, 'parallel', 'option "parallel" is 0; it wants a whole number from 1 on'],
  [{ roots: ROOTS, ignoreTimeShifts: [0] }, 'ignoreTimeShifts[0]', 'option "ignoreTimeShifts[0]" is 0; it wants a number of minutes above 0'],
  [{ roots: ROOTS, syncDb: '' }, 'syncDb', 'option "syncDb" is ""; it wants true, false or the path of the database'],
  [
    { roots: ROOTS, newerThan: 'soon' },
    'newerThan',
    'option "newerThan" is "soon", not a time; write it like "2024-01-31T15:00", "31.01.2024/15:00" or as an age such as "24h", "7d", "30m", "2w"',
  ],
  [{ roots: ROOTS, logFile: { path: 'a', mode: 'w' } }, 'logFile.mode', 'option "logFile.mode" is "w"; it wants "append" or "overwrite"'],
  [{ roots: ROOTS, subSyncs: [7] }, 'subSyncs[0]', 'option "subSyncs[0]" is 7; it wants a project or the path of a project file'],
  [{}, 'roots', 'option "roots" is missing; it wants a list of two or more roots'],
  [{ roots: [] }, 'roots', 'option "roots" has no root; it wants two or more'],
  [{ roots: ['.'] }, 'roots', 'option "roots" has only one root; it wants two or more'],
  [{ roots: ['.', {}] }, 'roots[1].url', 'option "roots[1].url" is missing; it wants a folder or another root URL'],
  [
    { roots: [null, '.'] },
    'roots[0]',
    'option "roots[0]" is null; it wants a folder (text) or an object such as { url: "/mnt/usb/texts", targetOnly: true }',
  ],
  [
    { roots: ['a', 'b'].map((url) => ({ url, targetOnly: true })) },
    'roots',
    'option "roots" has only targetOnly roots; at least one must be a source',
  ],
  [
    { roots: ['.', { url: '/b', autoMkdir: true }] },
    'roots[1].autoMkdir',
    'option "roots[1].autoMkdir" is only for roots with targetOnly: true; a missing source must not look like an empty one',
  ],
  [
    { roots: ['.', { url: 'zip:b.zip', level: 10 }] },
    'roots[1].level',
    'option "roots[1].level" is 10; it wants a whole number from 0 (not compressed) to 9 (smallest)',
  ],
  [{ roots: ['.', { url: '/b', level: 1 }] }, 'roots[1].level', 'option "roots[1].level" is only for archives ("zip:…")'],
  [
    { roots: ROOTS, excludeFiles: Array.from({ length: 10_001 }, (_, index) => `a*${index}`) },
    'excludeFiles',
    'option "excludeFiles" has more than 10000 patterns with wildcards that every path is compared with one by one; names, "NAME*" and "*NAME" may be as many as you like; for the others write an "isExclude" callback',
  ],
  [[], '', 'the project is an empty list; it wants a project: an object with the options'],
  ['text', '', 'the project is "text"; it wants a project: an object with the options'],
];

for (const [options, option, message] of WRONG) {
  test(`refused with a sentence: ${message}`, () => {
    const error = errorOf(options);
    assert.equal(error.message, message);
    assert.equal(error.option, option);
  });
}

test('a root of a later version is named by its scheme, and its password is not repeated', () => {
  const { message } = errorOf({ roots: ['.', 'sftp://me:hunter2@host/dir'] });
  assert.equal(message, 'option "roots[1]" is a "sftp:" root, which this version cannot open; mount the server, and name the folder where it is');
  assert.match(errorOf({ roots: ['.', 'igz:ftp://me:hunter2@h/'] }).message, /is a "ftp:" root/);
  assert.doesNotMatch(errorOf({ roots: 'sftp://me:hunter2@host/dir' }).message, /hunter2/);
});

test('a root that is always empty is a target by itself, and never a source', () => {
  assert.deepEqual(
    checkProject({ roots: ['.', 'null:'] }, LINUX).roots.map((root) => root.targetOnly),
    [false, true],
  );
  assert.equal(
    errorOf({ roots: ['.', { url: 'null:', targetOnly: false }] }).message,
    'option "roots[1]" is always empty, so it can be no source; it wants targetOnly: true',
  );
  assert.match(errorOf({ roots: ['null:', 'null:'] }).message, /only targetOnly roots/);
});

test('the path of a file is no root URL', () => {
  assert.match(errorOf({ roots: ROOTS, syncDb: 'igz:x' }).message, /"syncDb" is a root URL; it wants the path of a file on this machine/);
});

test('an unknown scheme is refused with how to write a folder of that name', () => {
  assert.equal(
    errorOf({ roots: ['.', 'sfpt://host'] }).message,
    'option "roots[1]" starts with the unknown scheme "sfpt:"; there are tfs: igz: xvs: uxvs: rcy: ienc: null: zip: volX:; a folder of that name is written "./sfpt:…"',
  );
});

test('a drive letter is no scheme: a path on Windows, refused elsewhere', () => {
  const paths = checkProject({ roots: ['C:/web', 'd:\\backup\\web', '..\\x/y', '//server/share/dir', '~/texts'] }, WINDOWS).roots.map((root) =>
    localFolderOf(root.address),
  );
  assert.deepEqual(paths, ['C:\\web', 'd:\\backup\\web', 'C:\\x\\y', '\\\\server\\share\\dir', 'C:\\Users\\me\\texts']);
  assert.match(errorOf({ roots: ['.', 'C:/web'] }).message, /"roots\[1\]" is a Windows path, and this machine does not run Windows/);
  assert.match(errorOf({ roots: ['.', 'C:web'] }, WINDOWS).message, /the current folder of a drive/);
});

test('local paths are relative to the project file, and ~ is the home folder', () => {
  const paths = checkProject({ roots: ['../a', '~', '~/b', '~other', 'c\\d', '/e/./f/'] }, LINUX).roots.map((root) => localFolderOf(root.address));
  assert.deepEqual(paths, ['/home/me/a', '/home/me', '/home/me/b', '/home/me/texts/~other', '/home/me/texts/c\\d', '/e/f']);
});

test('shadows come as a list of paths, given as one or many', () => {
  const roots = checkProject(
    {
      roots: [
        { url: '.', shadow: '/s' },
        { url: '/b', shadow: ['/t', 'u'] },
      ],
    },
    LINUX,
  ).roots;
  assert.deepEqual(
    roots.map((root) => root.shadows.map(localFolderOf)),
    [['/s'], ['/t', '/home/me/texts/u']],
  );
});

test('a project that only runs others needs no roots', () => {
  const sub = { kind: 'project', options: { unchecked: { kind: 'data', value: 'until its turn' } } };
  assert.deepEqual(checkProject({ subSyncs: ['../photos.sync.ts', sub] }, LINUX).subSyncs, ['/home/me/photos.sync.ts', sub]);
});

test('syncRemove keeps a database beside the project file, unless a path says where', () => {
  const database = (options: object, context = LINUX) => checkProject({ roots: ROOTS, ...options }, context).syncDb;
  assert.equal(database({ syncRemove: true }), '/home/me/texts/texts.sync.ts.syncdb');
  assert.equal(database({ syncDb: true }), '/home/me/texts/texts.sync.ts.syncdb');
  assert.equal(database({ syncDb: '~/db', syncRemove: true }), '/home/me/db');
  assert.equal(database({ syncDb: false }), undefined);
  assert.equal(database({ syncDb: true }, { ...LINUX, projectFile: undefined }), '/home/me/texts/sxrun.syncdb');
});

test('guard limits are shares or numbers; false takes the guard away', () => {
  const guard = (value: unknown) => checkProject({ roots: ROOTS, guard: value }, LINUX).guard;
  assert.deepEqual(guard({ maxRemove: '12.5 %', maxOverwrite: 7, minFiles: 0 }), {
    maxRemove: { share: 0.125 },
    maxOverwrite: { files: 7 },
    minFiles: 0,
  });
  assert.equal(guard(false), undefined);
});

test('a log is appended to and a list overwritten, unless the mode says otherwise', () => {
  const project = checkProject({ roots: ROOTS, logFile: 'run.log', sourceList: { path: '/l', mode: 'append' } }, LINUX);
  assert.deepEqual(project.logFile, { path: '/home/me/texts/run.log', mode: 'append' });
  assert.deepEqual(project.sourceList, { path: '/l', mode: 'append' });
  assert.equal(checkProject({ roots: ROOTS, sourceList: 'l' }, LINUX).sourceList?.mode, 'overwrite');
});

test('time shifts are minutes, ages count from the start of the run', () => {
  const project = checkProject({ roots: ROOTS, ignoreTimeShifts: [60, 1.5], newerThan: '2h' }, LINUX);
  assert.deepEqual(project.timeShiftsMs, [3_600_000, 90_000]);
  assert.equal(project.newerThanMs, NOW - 7_200_000);
});
