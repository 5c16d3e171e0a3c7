import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { parseArguments, type RunSettings } from '../../runtime/cli/parse-arguments.ts';
import { UsageError } from '../../runtime/cli/usage-error.ts';

const HERE = resolve('/here');
const NOW = new Date(2026, 10, 22, 4, 5, 6);

const NOTHING: RunSettings = {
  source: { kind: 'file', path: undefined },
  overrides: {},
  extraRoots: [],
  targetOnly: [],
  scriptArguments: [],
  grants: { all: false, read: [], write: [], net: [], run: [], env: [], secret: [] },
  approve: undefined,
  audit: undefined,
  planFile: undefined,
  fsync: false,
  unsandboxed: false,
  scriptTimeoutMs: 30_000,
  scriptMemoryBytes: 256 * 1024 ** 2,
  mayAsk: true,
  json: false,
  quiet: false,
  verbose: false,
  wait: 'never',
};

function parse(line: string): RunSettings {
  const parsed = parseArguments(line === '' ? [] : line.split(' '), HERE, NOW);
  assert.equal(parsed.kind, 'run');
  return parsed.kind === 'run' ? parsed.run : assert.fail();
}

const GOOD: readonly (readonly [line: string, settings: Partial<RunSettings>])[] = [
  ['', {}],
  ['a.sync.ts', { source: { kind: 'file', path: 'a.sync.ts' } }],
  ['-s', { overrides: { simulation: true } }],
  ['--simulate a.sync.ts', { overrides: { simulation: true }, source: { kind: 'file', path: 'a.sync.ts' } }],
  ['-sv a.sync.ts', { overrides: { simulation: true, verbose: true }, verbose: true, source: { kind: 'file', path: 'a.sync.ts' } }],
  ['-y -+', { overrides: { syncDb: true, syncRemove: true } }],
  ['-y+s', { overrides: { simulation: true, syncDb: true, syncRemove: true } }],
  ['--sync-db --sync-remove --mirror', { overrides: { syncDb: true, syncRemove: true, mirror: true } }],
  ['-z -r /b', { source: { kind: 'none' }, extraRoots: [resolve('/b')] }],
  ['-zr b --root ../c', { source: { kind: 'none' }, extraRoots: [resolve(HERE, 'b'), resolve(HERE, '../c')] }],
  ['-z -r sftp://me@host/dir -r ~/texts', { source: { kind: 'none' }, extraRoots: ['sftp://me@host/dir', join(homedir(), 'texts')] }],
  ['-r b a.sync.ts -n0,2', { source: { kind: 'file', path: 'a.sync.ts' }, extraRoots: [resolve(HERE, 'b')], targetOnly: [0, 2] }],
  ['-n 0 --target-only=1,2', { targetOnly: [0, 1, 2] }],
  [
    '-e *.bak -e /x.txt -i a -x tmp -k *.tmp',
    { overrides: { excludeFiles: ['*.bak', '/x.txt'], includeFiles: ['a'], excludeDirs: ['tmp'], killFiles: ['*.tmp'] } },
  ],
  ['-e-s', { overrides: { excludeFiles: ['-s'] } }],
  ['-d 2003-01-31', { overrides: { newerThan: new Date(2003, 0, 31).getTime() } }],
  ['-d 31.01.2003 -t 15:00:30', { overrides: { newerThan: new Date(2003, 0, 31, 15, 0, 30).getTime() } }],
  ['-t 13:20', { overrides: { newerThan: new Date(2026, 10, 22, 13, 20).getTime() } }],
  ['-l copied.lst', { overrides: { sourceList: { path: resolve(HERE, 'copied.lst'), mode: 'overwrite' } } }],
  ['-L run.log', { overrides: { logFile: { path: resolve(HERE, 'run.log'), mode: 'append' } } }],
  ['-q --json', { quiet: true, json: true }],
  ['-w', { wait: 'always' }],
  ['-W', { wait: 'on-error' }],
  ['-p', { mayAsk: false }],
  ['-c', { source: { kind: 'stdin' }, mayAsk: false }],
  ['--fsync --approve a1b2', { fsync: true, approve: 'a1b2' }],
  ['--audit a.jsonl', { audit: resolve(HERE, 'a.jsonl') }],
  ['--unsandboxed', { unsandboxed: true, grants: { ...NOTHING.grants, all: true } }],
  ['-A', { grants: { ...NOTHING.grants, all: true } }],
  [
    '--allow-read=/a,/b --allow-read /c --allow-write=x,,y,z --allow-net=nas.local:22 --allow-run=gpg --allow-env=HOME --allow-secret=nas',
    { grants: { all: false, read: ['/a', '/b', '/c'], write: ['x,y', 'z'], net: ['nas.local:22'], run: ['gpg'], env: ['HOME'], secret: ['nas'] } },
  ],
  ['--allow-read=', {}],
  ['--script-timeout 500ms --script-memory 1GB', { scriptTimeoutMs: 500, scriptMemoryBytes: 1024 ** 3 }],
  ['--script-timeout=2m --script-memory=64', { scriptTimeoutMs: 120_000, scriptMemoryBytes: 64 * 1024 ** 2 }],
  ['a.sync.ts -- -s --x b --', { source: { kind: 'file', path: 'a.sync.ts' }, scriptArguments: ['-s', '--x', 'b', '--'] }],
  ['-- --help', { scriptArguments: ['--help'] }],
];

const DATES = 'Examples: -d 2003-01-31, -d 31.01.2003, -d 1.2.02, -d 12/31/2003, -d Dec-31-03, -d 24h, -t 13:20, -d 31.01.2003 -t 15:00:30';

const BAD: readonly (readonly [line: string, message: string])[] = [
  ['--simulat', "unknown option '--simulat' (Did you mean --simulate?)"],
  ['--allow-raed=x', "unknown option '--allow-raed=x' (Did you mean --allow-read?)"],
  ['-Q', "unknown option '-Q' (see sxrun --help)"],
  ['-svQ', "unknown option '-Q' (see sxrun --help)"],
  ['--unsandbox', "unknown option '--unsandbox' (Did you mean --unsandboxed?)"],
  ['-simulate', "unknown option '-simulate' (Did you mean --simulate?)"],
  ['-help', "unknown option '-help' (Did you mean --help?)"],
  ['-e', "option '-e, --exclude-files <PATTERN>' argument missing (see sxrun --help)"],
  ['a.sync.ts b.sync.ts', 'one project file at a time: "a.sync.ts", then what is "b.sync.ts"? Arguments for the script go after --'],
  ['-v allow a.sync.ts', '"allow" is a command: it comes first, before all options'],
  ['-z', '-z needs roots: -r URL (alone, the current folder is root 0), or several of them'],
  ['-z a.sync.ts -r b', '-z is for a run without project file, but "a.sync.ts" is given'],
  ['-c a.sync.ts', '-c reads the project from standard input, but "a.sync.ts" is given'],
  ['-c -z', '-c reads a project and -z wants none: give one of the two'],
  ['-v -q', '-v shows more and -q shows less: give one of the two'],
  ['-n x', '-n x: "x" is not the number of a root; they count from 0, as in -n 0,2'],
  ['-n 0,,1', '-n 0,,1: "" is not the number of a root; they count from 0, as in -n 0,2'],
  ['-n -1', '-n -1: "-1" is not the number of a root; they count from 0, as in -n 0,2'],
  ['--root=', '-r needs a root: a folder or a URL'],
  ['--log-file=', '-L needs the name of a file'],
  ['--script-timeout soon', '--script-timeout soon: this is not a time such as 30s, 500ms or 2m'],
  ['--script-timeout 0', '--script-timeout 0: this is not a time such as 30s, 500ms or 2m'],
  ['--script-memory 5parsecs', '--script-memory 5parsecs: this is not a size such as 256MB or 1GB'],
  [
    '-d tomorrow',
    `-d tomorrow is not a time; write it like "2024-01-31T15:00", "31.01.2024/15:00" or as an age such as "24h", "7d", "30m", "2w". ${DATES}`,
  ],
  ['-d 31.02.2003', `-d 31.02.2003 is a date that does not exist. ${DATES}`],
  ['-d 1/2/2003', `-d 1/2/2003 is a date that can be read in two ways; write it like "31.12.2024" or "2024-12-31". ${DATES}`],
  ['-t noon', `-t noon is not a time of day. ${DATES}`],
  ['-t 25:00', `-t 25:00 is a time of day that does not exist. ${DATES}`],
  ['-d 2003-01-31T15:00 -t 16:00', `-d 2003-01-31T15:00 has a time already, so -t 16:00 has no place. ${DATES}`],
  [
    '-d 24h -t 16:00',
    `-d 24h -t 16:00 is not a time; write it like "2024-01-31T15:00", "31.01.2024/15:00" or as an age such as "24h", "7d", "30m", "2w". ${DATES}`,
  ],
];

describe('command line', () => {
  for (const [line, settings] of GOOD) {
    it(`understands "${line}"`, () => assert.deepEqual(parse(line), { ...NOTHING, ...settings }));
  }

  for (const [line, message] of BAD) {
    it(`refuses "${line}" and says what to write`, () => {
      assert.throws(
        () => parse(line),
        (error) => {
          assert.ok(error instanceof UsageError);
          assert.equal(error.message, message);
          return true;
        },
      );
    });
  }

  it('gives help and version wherever they stand, but not to the script', () => {
    const kinds = ['-h', '-svh', 'x.sync.ts --help', '-h --help', '--version', '-s --version'].map((line) =>
      parseArguments(line.split(' '), HERE, NOW),
    );
    assert.deepEqual(kinds, [
      { kind: 'help', full: false },
      { kind: 'help', full: false },
      { kind: 'help', full: true },
      { kind: 'help', full: true },
      { kind: 'version' },
      { kind: 'version' },
    ]);
  });
});

describe('-d and -t', () => {
  const newerThan = (line: string) => parse(line).overrides.newerThan;

  it('read every notation of the manual as the same day', () => {
    const day = new Date(2002, 11, 31).getTime();
    for (const date of ['31.12.2002', '31.12.02', '2002-12-31', '12/31/2002', '12/31/02', 'Dec-31-02', 'dec-31-2002'])
      assert.equal(newerThan(`-d ${date}`), day, date);
    assert.equal(newerThan('-d 1.2.02'), new Date(2002, 1, 1).getTime());
    assert.equal(newerThan('-d 5/5/2003'), new Date(2003, 4, 5).getTime());
  });

  it('take date and time in one word or in two', () => {
    const moment = new Date(2003, 0, 31, 15, 0).getTime();
    for (const line of ['-d 31.01.2003/15:00', '-d 2003-01-31T15:00', '-d 31.01.2003 -t 15:00', '-t 15:00 -d 2003-01-31'])
      assert.equal(newerThan(line), moment, line);
  });
});
