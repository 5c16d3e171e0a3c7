import { refusesAll, type WrongProject } from './wrong-projects.ts';

const ROOTS = "roots: ['one', { url: 'two', targetOnly: true }]";

interface Told {
  /** Line and column in `a.sync.ts`. */
  readonly at?: string;
  readonly files?: Readonly<Record<string, string>>;
}

function wrong(what: string, lines: string | readonly string[], says: RegExp, { at, files = {} }: Told = {}): WrongProject {
  const script = typeof lines === 'string' ? lines : lines.join('\n');
  return { what, script, files, says, ...(at === undefined ? {} : { at: `a.sync.ts:${at}` }) };
}

const NODE = /is part of Node and not available in a project file; /.source;
const builtin = (name: string, instead: string) =>
  wrong(`the built-in ${name}`, [`import * as it from '${name}';`, 'console.log(it);'], new RegExp(`"${name}" ${NODE}${instead}`), { at: '1:21' });
const global = (name: string, instead: string) =>
  wrong(`the global ${name}`, `console.log(${name});`, new RegExp(`${name} is not defined: it ${NODE}${instead}`), { at: '1:13' });

refusesAll('imports', [
  wrong(
    'a package that is not installed',
    ["import _ from 'lodash';", 'console.log(_);'],
    /the package "lodash" is not installed in the project's node_modules/,
    { at: '1:15' },
  ),
  builtin('fs', 'use xfile from "sxrun", such as xfile\\.readText'),
  builtin('node:fs/promises', 'use xfile from "sxrun"'),
  builtin('child_process', 'use exec from "sxrun": exec\\(PROGRAM, \\[ARGUMENT'),
  builtin('node:https', 'use fetch from "sxrun"'),
  builtin('node:process', 'use sync\\.args, sync\\.projectDir and env'),
  builtin('node:os', '"~" in a path is the home folder'),
  builtin('node:timers/promises', 'use sleep\\("10m"\\) from "sxrun"'),
  builtin('node:worker_threads', 'nothing stands in its place; sxrun --unsandboxed'),
  global('process', 'use sync\\.args'),
  global('Buffer', 'use Uint8Array'),
  global('__dirname', 'use sync\\.projectDir from "sxrun"'),
  wrong(
    'a typing error in the name of a file',
    ["import x from './txts.ts';", 'console.log(x);'],
    /"\.\/txts\.ts" is not there; did you mean "\.\/texts\.ts"\?/,
    {
      at: '1:15',
      files: { 'texts.ts': 'export default {};' },
    },
  ),
  wrong('a name without its ending', ["import x from './texts';", 'export default x;'], /did you mean "\.\/texts\.sync\.ts"\?/, {
    at: '1:15',
    files: { 'texts.sync.ts': 'export default {};' },
  }),
  wrong(
    'a name that only a run computes',
    ["const name: string = 'b';", "const x = await import('./' + name + '.ts');", 'export default x;'],
    /import takes a fixed text here, .*name each one, such as \{ a: \(\) => import/,
    {
      at: '2:17',
      files: { 'b.ts': 'export default 1;' },
    },
  ),
  wrong(
    'an attribute that fits no file',
    ["import x from './file.txt' with { type: 'bytes' };", 'export default x;'],
    /file\.txt cannot be imported as "bytes"; with \{ type: "json" \} is for/,
    { at: '1:15' },
  ),
  wrong('a folder', ["import x from './one';", 'export default x;'], /"\.\/one" is not there/, { at: '1:15' }),
  wrong('a file that is no module', ["import x from './x.yaml';", 'export default x;'], /x\.yaml cannot be imported; files that can end in \.ts/, {
    at: '1:15',
    files: { 'x.yaml': 'roots: []' },
  }),
  wrong(
    'a default export that is not there',
    ["import x from './b.ts';", 'export default x;'],
    /"b\.ts" has no default export: write "export default …" there/,
    {
      at: '1:8',
      files: { 'b.ts': 'export const y = 1;' },
    },
  ),
  wrong('a name that is not exported', ["import { z } from './b.ts';", 'export default z;'], /"b\.ts" exports no "z"/, {
    at: '1:10',
    files: { 'b.ts': 'export const y = 1;' },
  }),
  wrong(
    'a typing error in a name of the SDK',
    ["import { defineproject } from 'sxrun';", 'export default defineproject({});'],
    /"sxrun" has no "defineproject"; did you mean "defineProject"\?/,
    { at: '1:10' },
  ),
  wrong(
    'a default import of the SDK',
    ["import sxrun from 'sxrun';", 'export default sxrun.defineProject({});'],
    /"sxrun" has no default export: write import \{ sync \} from "sxrun"/,
    { at: '1:8' },
  ),
  {
    ...wrong('JSON with a comma too many', ["import x from './x.json';", 'export default x;'], /JSON does not support trailing commas/, {
      files: { 'x.json': '{\n  "roots": ["one",]\n}' },
    }),
    at: 'x.json:2:18',
  },
  wrong('an enum whose option is wrong', ['enum Kind { A }', `export default { ${ROOTS}, name: Kind.A };`], /option "name" is 0; it wants a name/, {
    at: '2:1',
  }),
  wrong('markup in a .ts file', 'export const x = <b>text</b>;', /Unterminated regular expression/, { at: '1' }),
  wrong('a comma that is missing', ['export default {', "  roots: ['one', 'two']", '  syncDb: true,', '};'], /Expected "}" but found "syncDb"/, {
    at: '3:3',
  }),
  wrong(
    'a quote that is missing',
    ['export default {', "  roots: ['one, 'two'],", '};'],
    /Expected "\]" but found "two"\n +roots: \['one, 'two'\],/,
    { at: '2:18' },
  ),
  wrong('a brace that is missing', 'export default {', /the file ends too early: a brace, bracket or quote is not closed/, { at: '1' }),
  wrong('two default exports', [`export default { ${ROOTS} };`, `export default { ${ROOTS} };`], /Multiple exports with the same name "default"/, {
    at: '2:8',
  }),
]);

const SYNC = "import { sync } from 'sxrun';";

refusesAll('scripts', [
  wrong('an empty file', '', /a\.sync\.ts: nothing to run: write "export default defineProject\(\{ roots: \[\.\.\.\] \}\)", or call sync\.do/),
  wrong(
    'a project that is not exported',
    ["import { defineProject } from 'sxrun';", `defineProject({ ${ROOTS} });`],
    /a\.sync\.ts: nothing to run: write "export default/,
  ),
  wrong(
    'a function as default export',
    `export default function () { return { ${ROOTS} }; }`,
    /this is a function .*; export what it returns: call it/,
    { at: '1:1' },
  ),
  wrong('a number as default export', ['', 'export default 5;'], /a project or the path of a project file is wanted here, this is 5/, { at: '2:1' }),
  wrong('an empty list as default export', ['', 'export default [];'], /the default export is an empty list: there is nothing to run/, { at: '2:1' }),
  wrong('an empty text as default export', "export default '';", /a project or the path of a project file is wanted here, this is ''/, { at: '1:1' }),
  wrong(
    'a list as default export in which one is no project: none is run',
    ['const late = [];', `export default [{ ${ROOTS} }, late[0]];`],
    /a project or the path of a project file is wanted at \[1\] of the list, this is undefined/,
    { at: '2:1' },
  ),
  {
    ...wrong('an empty list as default export, in plain Node', 'export default [];', /the default export is an empty list/, { at: '1:1' }),
    args: ['--unsandboxed', 'a.sync.ts'],
  },
  wrong(
    'projects that import one another',
    ["import { log } from 'sxrun';", "import b from './b.sync.ts';", 'log.info(b.name);', `export default { ${ROOTS}, name: 'a' };`],
    /in a circle: a\.sync\.ts → b\.sync\.ts → a\.sync\.ts; .*Move what both need into a module of its own, or name the other file .*sync\.do\("b\.sync\.ts"\)/,
    { at: '2:1', files: { 'b.sync.ts': `import a from './a.sync.ts';\nexport default { ${ROOTS}, name: 'b', subSyncs: [a] };` } },
  ),
  wrong(
    'a project and a module that import one another',
    ["import { options } from './b.ts';", "export const own = { name: 'a' };", `export default { ${ROOTS}, ...options };`],
    /in a circle: a\.sync\.ts → b\.ts → a\.sync\.ts; .*Move what both need into a module of its own\n/,
    { at: '1:1', files: { 'b.ts': "import { own } from './a.sync.ts';\nexport const options = { verbose: own.name === 'a' };" } },
  ),
  wrong(
    'a project that imports itself',
    ["import a from './a.sync.ts';", `export default { ${ROOTS}, subSyncs: [a] };`],
    /a\.sync\.ts imports itself/,
    {
      at: '1:1',
    },
  ),
  wrong('a promise as default export', 'export default Promise.resolve({});', /this is a promise \(write await before it\)/, { at: '1:1' }),
  wrong('the name of a file that is not there as default export', "export default 'b.sync.ts';", /there is no project file .*b\.sync\.ts/, {
    at: '1:1',
  }),
  wrong(
    'no options for defineProject',
    ["import { defineProject } from 'sxrun';", 'export default defineProject();'],
    /defineProject wants an object with the options of one project, .*; it got undefined/,
    { at: '2:16' },
  ),
  wrong(
    'a list for defineProject',
    ["import { defineProject } from 'sxrun';", 'export default defineProject([]);'],
    /defineProject wants an object .*; it got a list/,
    { at: '2:16' },
  ),
  wrong('sync.do of nothing', [SYNC, 'await sync.do();'], /this is undefined \(does the imported file have a default export\?\)/, { at: '2:12' }),
  wrong('sync.do of a promise', [SYNC, 'await sync.do(Promise.resolve({}));'], /this is a promise \(write await before it\)/, { at: '2:23' }),
  wrong(
    'sync.do of a file that is not there',
    [SYNC, "await sync.do('b.sync.ts');"],
    /there is no project file .*b\.sync\.ts: there is nothing at this path/,
    { at: '2:12' },
  ),
  wrong('sync.do of a folder', [SYNC, "await sync.do('one');"], /one is a folder; a project is a file that ends in \.sync\.ts/, { at: '2:12' }),
  wrong('sync.do with true', [SYNC, `await sync.do({ ${ROOTS} }, true);`], /the options that replace the project's are true; they are an object/, {
    at: '2:12',
  }),
  wrong(
    'sync.do with an unknown option',
    [SYNC, `await sync.do({ ${ROOTS} }, { verbos: true });`],
    /option "verbos" is unknown; did you mean "verbose"\?/,
    { at: '2:12' },
  ),
  wrong('a function that sync has not', [SYNC, `await sync.run({ ${ROOTS} });`], /TypeError: not a function\n +await sync\.run/, { at: '2:12' }),
  wrong('sync.plan of a file', [SYNC, "await sync.plan('b.sync.ts');"], /sync\.plan takes a project.*import the file and pass what it exports/, {
    at: '2:12',
  }),
  wrong(
    'sync.apply of nothing',
    [SYNC, 'await sync.apply();'],
    /sync\.apply wants a plan that sync\.plan gave, or the path of a file .*; it got undefined/,
    { at: '2:12' },
  ),
  wrong('sync.apply of a file that is no plan', [SYNC, "await sync.apply('file.txt');"], /file\.txt cannot be applied: it is damaged, or no plan/, {
    at: '2:12',
  }),
  wrong(
    'a plan that is saved in a folder',
    [SYNC, `const plan = await sync.plan({ ${ROOTS} });`, "await plan.save('one');"],
    /one: a file is needed here, and this is a folder/,
    { at: '3' },
  ),
  wrong(
    'an await that is forgotten',
    ["import { xfile } from 'sxrun';", "const text = xfile.readText('file.txt');", "console.log(text.split(' '));"],
    /TypeError: not a function\n +console\.log\(text\.split\(' '\)\);/,
    { at: '3:18' },
  ),
  {
    ...wrong(
      'a property of nothing',
      ['', 'const a = null as never as { b: string };', 'console.log(a.b.length);'],
      /TypeError: .*'b' of null\n +console\.log\(a\.b\.length\);/,
      { at: '3:13' },
    ),
    enginesWords: true,
  },
  wrong(
    'an error with a cause',
    "throw new Error('no backup', { cause: new TypeError('no disk') });",
    /Error: no backup\n +because of TypeError: no disk\n +throw new Error/,
    { at: '1' },
  ),
  wrong(
    'a default export that has nothing, behind other code',
    'const n = 1; export default { name: String(n) };',
    /a\.sync\.ts:1:14: option "roots" is missing/,
  ),
  {
    ...wrong('an error in a file whose name has other characters', ["import './lib ü%20 #1/b c.ts';"], /Error: no disk/, {
      files: { 'lib ü%20 #1/b c.ts': "throw new Error('no disk');" },
    }),
    at: 'b c.ts:1:11',
  },
  wrong('a text that is thrown', "throw 'no disk';", /a\.sync\.ts: thrown: 'no disk'/),
  wrong(
    'an error that nobody awaits',
    [SYNC, 'sync.dontDo();', 'async function lost() {', "  throw new Error('lost');", '}', 'void lost();'],
    /Error: lost/,
    { at: '4' },
  ),
  wrong('an await that never ends', 'await new Promise(() => {});', /this await waits for something that can never happen/, { at: '1:11' }),
  wrong('several errors in one', "await Promise.any([Promise.reject(new Error('first'))]);", /AggregateError.*\n +because of Error: first/),
  {
    ...wrong(
      'an error in an imported module',
      ["import { roots } from './b.ts';", 'export default { roots: roots() };'],
      /Error: no disk\n +throw new Error\('no disk'\);\n +at .* \(a\.sync\.ts:2:25\)/,
      { files: { 'b.ts': "export function roots(): string[] {\n  throw new Error('no disk');\n}" } },
    ),
    at: 'b.ts:2:13',
  },
  {
    ...wrong('an option in an imported module', ["import b from './b.ts';", 'export default b;'], /option "roots" has only one root/, {
      files: { 'b.ts': "import { defineProject } from 'sxrun';\nexport default defineProject({ roots: ['one'] });" },
    }),
    at: 'b.ts:2:16',
  },
]);

/** Where is said at the end of the message. */
const callback = (what: string, option: string, says: RegExp) =>
  wrong(`a callback that ${what}`, [`export default { ${ROOTS},`, `  ${option},`, '};'], says);

refusesAll(
  'callbacks',
  [
    callback('throws', "isExclude() { throw new Error('no'); }", /isExclude threw Error: no \(a\.sync\.ts:2:\d+\)/),
    callback('is rejected', "async isExclude() { throw new Error('no'); }", /isExclude threw Error: no \(a\.sync\.ts:2:\d+\)/),
    callback(
      'answers in other words',
      "isExclude: () => 'maybe'",
      /isExclude gave 'maybe' for 'a\.txt'; it gives true or 'exclude', 'include', or nothing \(a\.sync\.ts:2:\d+\)/,
    ),
    callback('answers with a number', 'isExclude: () => 5', /isExclude gave 5 for 'a\.txt'; it gives true or 'exclude'/),
    callback('answers with an object', 'isExcludeDir: () => ({})', /isExcludeDir gave \{\} for 'sub'; it gives true or/),
    callback('throws a text', "isExclude: () => { throw 'no'; }", /isExclude threw 'no' \(a\.sync\.ts:2:\d+\)/),
    callback(
      'answers with what nobody may look at',
      'isExclude: () => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy as never; }',
      /isExclude threw TypeError: revoked proxy \(a\.sync\.ts:2:\d+\)/,
    ),
    callback(
      'calls what is not there',
      "isExclude: (path) => path.endWith('.txt')",
      /isExclude threw TypeError: not a function \(a\.sync\.ts:2:\d+\)/,
    ),
  ].map((project): WrongProject => ({ ...project, files: { 'one/sub/': '' } })),
);
