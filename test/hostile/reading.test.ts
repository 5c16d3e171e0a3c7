import { type Attempt, containsAll } from './hostile.ts';

const XFILE = "import { log, sync, xfile } from 'sxrun';\nsync.dontDo();\n";

/** Ways to read what lies outside of the project. Each would print the canary. */
const ATTEMPTS: readonly Attempt[] = [
  {
    what: "importing Node's file system",
    script: "import { readFileSync } from 'node:fs';\nconsole.log(readFileSync('OUTSIDE/secret.txt', 'utf8'));",
    codes: [2],
    says: /node:fs/,
  },
  {
    what: 'importing it by a name that is made at run time',
    script:
      "const name = ['node', 'fs'].join(':');\nconst fs = await import(name);\nconsole.log(fs.readFileSync('OUTSIDE/secret.txt', 'utf8'));\nexport default {};",
    codes: [2],
  },
  {
    what: 'require by way of Function',
    script: "console.log(Function('return require')()('fs').readFileSync('OUTSIDE/secret.txt', 'utf8'));\nexport default {};",
    codes: [2],
  },
  {
    what: "the host's process by way of a constructor",
    script: "const host = ({}).constructor.constructor('return process')();\nconsole.log(host.env.CANARY_VARIABLE);\nexport default {};",
    codes: [2],
  },
  {
    what: 'looking for the host in all that is global',
    script: `import { sync } from 'sxrun';
sync.dontDo();
for (const name of ['process', 'require', 'module', 'Deno', 'Bun', 'sxrunBridge', 'WebAssembly', 'Worker', 'SharedArrayBuffer_', 'std', 'os', 'bjson', 'scriptArgs'])
  if (name in globalThis) throw new Error('found ' + name);
console.log('nothing');`,
    codes: [0],
    says: /nothing/,
  },
  {
    what: 'importing a module from outside',
    script: "import secret from '../outside/secret.ts';\nconsole.log(secret);\nexport default {};",
    codes: [3],
    says: /sxrun allow/,
  },
  { what: 'importing JSON from outside', script: "import secret from 'OUTSIDE/secret.json';\nconsole.log(secret);\nexport default {};", codes: [3] },
  {
    what: 'importing text that is no program, for the error to show it',
    script: "import x from '../outside/secret.txt';\nconsole.log(x);\nexport default {};",
    codes: [3],
  },
  {
    what: 'importing through a link',
    script: "import secret from './inside.ts';\nconsole.log(secret);\nexport default {};",
    links: { 'inside.ts': 'OUTSIDE/secret.ts' },
    codes: [3],
  },
  {
    what: 'a link to a folder as a package',
    script: "import secret from 'evil/secret.ts';\nconsole.log(secret);\nexport default {};",
    files: { 'node_modules/x/a': '' },
    links: { 'node_modules/evil': 'OUTSIDE' },
    codes: [2, 3],
  },
  {
    what: 'a package whose main leads out',
    script: "import secret from 'evil';\nconsole.log(secret);\nexport default {};",
    files: { 'node_modules/evil/package.json': '{"name":"evil","main":"../../../outside/secret.ts"}' },
    codes: [2, 3],
  },
  {
    what: 'an import for which all folders of the machine would be walked through',
    script: "const name = String(Math.random());\nconsole.log(await import('../../../../../../../../' + name + '.json'));\nexport default {};",
    codes: [2],
    says: /a\.sync\.ts:2:19: import takes a fixed text/,
  },
  {
    what: 'importing whatever lies in a folder outside',
    script: "const name = 'secret';\nconsole.log(require('../outside/' + name + '.json'));\nexport default {};",
    codes: [2],
    says: /a\.sync\.ts:2:13: require takes a fixed text/,
  },
  {
    what: 'importing text from outside by an attribute',
    script: "import secret from '../outside/secret.txt' with { type: 'text' };\nconsole.log(secret);\nexport default {};",
    codes: [3],
  },
  {
    what: 'a tsconfig whose paths lead out',
    script: "import secret from 'evil';\nconsole.log(secret);\nexport default {};",
    files: { 'tsconfig.json': '{"compilerOptions":{"baseUrl":".","paths":{"evil":["../outside/secret.ts"]}}}' },
    codes: [2, 3],
  },
  {
    what: 'a tsconfig that extends one outside',
    script: "export default { roots: ['one', 'two'] };",
    files: { 'tsconfig.json': '{"extends":"../outside/secret.txt"}' },
    codes: [0, 2, 3],
  },
  {
    what: 'a stack that names a file outside',
    script: 'const error = new Error("x");\nerror.stack = "    at f (OUTSIDE/secret.ts:1:1)\\n    at g (OUTSIDE/secret.txt:1:1)";\nthrow error;',
    codes: [2],
  },
  {
    what: 'code that says it is a file outside',
    script: 'eval("throw new Error(1)\\n//# sourceURL=OUTSIDE/secret.ts");',
    codes: [2],
  },
  {
    what: 'a source map in the source that names a file outside',
    script: "import { fail } from './lib.js';\nfail();\n",
    files: {
      'lib.js': `export function fail() { throw new Error('x'); }\n//# sourceMappingURL=data:application/json,${encodeURIComponent('{"version":3,"sources":["OUTSIDE/secret.txt"],"names":[],"mappings":"AAAA"}')}\n`,
    },
    codes: [2],
    says: /lib\.js:1:/,
  },
  {
    what: 'a package whose imports and exports lead out',
    script: "import a from 'evil/x';\nimport b from '#evil';\nconsole.log(a, b);\nexport default {};",
    files: {
      'package.json': '{"imports":{"#evil":"./../outside/secret.ts"}}',
      'node_modules/evil/package.json':
        '{"name":"evil","exports":{"./x":"./../../../outside/secret.ts"},"browser":{"./x":"../../../outside/secret.ts"}}',
    },
    codes: [2, 3],
  },
  {
    what: 'a source map from outside',
    script: "import './lib.js';\nthrow new Error('x');\n",
    files: { 'lib.js': 'export const a = 1;\n//# sourceMappingURL=../outside/secret.txt\n' },
    codes: [2],
  },
  ...[
    ["'../outside/secret.txt'", 'a relative path'],
    ["'OUTSIDE/secret.txt'", 'an absolute path'],
    ["'one/../../outside/secret.txt'", 'dots in the middle'],
    ["'OUTSIDE/./secret.txt'", 'a path that is not normal'],
    ["'file://OUTSIDE/secret.txt'", 'a file URL'],
    ["'igz:OUTSIDE/secret.txt'", 'a layer'],
    ["'one\\0/../../outside/secret.txt'", 'a NUL'],
    ["'/proc/self/root' + 'OUTSIDE/secret.txt'", 'the root of the process'],
    ["'/proc/self/cwd/../outside/secret.txt'", 'the current folder of the process'],
    ["'/proc/thread-self/cwd/../outside/secret.txt'", 'the current folder of the thread'],
  ].map(([path, what]): Attempt => ({ what: `reading by ${what}`, script: `${XFILE}log.info(await xfile.readText(${path}));`, codes: [2, 3] })),
  ...['environ', 'mem', 'maps', 'fd/0', 'task'].map(
    (name): Attempt => ({
      what: `reading /proc/self/${name}, with everything granted`,
      script: `${XFILE}const at = '/proc/self/${name}';\nlog.info(await xfile.readText(at).catch(async () => String(await xfile.list(at).then((all) => all.length))));`,
      options: ['-A'],
      codes: [2, 3],
    }),
  ),
  {
    what: 'reading through a link in the project',
    script: `${XFILE}log.info(await xfile.readText('inside.txt'));`,
    links: { 'inside.txt': 'OUTSIDE/secret.txt' },
    codes: [3],
  },
  {
    what: 'reading through a link to a folder',
    script: `${XFILE}log.info(await xfile.readText('inside/secret.txt'));`,
    links: { inside: 'OUTSIDE' },
    codes: [3],
  },
  {
    what: 'walking through a link to a folder',
    script: `${XFILE}for await (const file of xfile.walk('.')) log.info(file.url);`,
    links: { inside: 'OUTSIDE' },
    codes: [0],
    hides: /secret\.txt/,
  },
  {
    what: 'copying a file in from outside',
    script: `${XFILE}await xfile.copy('../outside/secret.txt', 'copy.txt');\nlog.info(await xfile.readText('copy.txt'));`,
    codes: [3],
  },
  {
    what: 'a root that is a link to outside',
    script:
      "import { sync, log, xfile } from 'sxrun';\nawait sync.do({ roots: ['inside', 'two'] }).catch(() => 0);\nlog.info(await xfile.readText('two/secret.txt'));",
    links: { inside: 'OUTSIDE' },
    codes: [3],
  },
  {
    what: 'a root with a link to outside that is followed',
    script:
      "import { sync, log, xfile } from 'sxrun';\nawait sync.do({ roots: ['one', { url: 'two', targetOnly: true }], symlinks: 'follow', onError: 'continue-files' });\nlog.info(await xfile.exists('two/inside/secret.txt'));",
    links: { 'one/inside': 'OUTSIDE' },
    codes: [0, 1],
    hides: /\| true/,
  },
  {
    what: 'reading a variable',
    script: "import { env, log, sync } from 'sxrun';\nsync.dontDo();\nlog.info(await env('CANARY_VARIABLE'));",
    codes: [3],
    says: /env:CANARY_VARIABLE/,
  },
  { what: 'reading a secret', script: "import { secret, log, sync } from 'sxrun';\nsync.dontDo();\nlog.info(await secret('mail'));", codes: [2, 3] },
  {
    what: 'reading our own stores with everything granted',
    script: `${XFILE}await xfile.writeText('HOME/config/grants.json', '{}').catch((e) => log.warn(e.message));\nlog.info(await xfile.readText('HOME/config/grants.json'));`,
    options: ['-A'],
    codes: [2, 3],
  },
  {
    what: 'a plan that names roots outside',
    script: `${XFILE}await xfile.writeText('plan.json', JSON.stringify({ format: 'sxrun plan', version: 1, madeMs: 1, steps: [], runs: [{ name: 'x', directory: 'OUTSIDE', options: { roots: ['OUTSIDE', sync.projectDir + '/two'] }, choices: {}, changes: [] }] }));\nlog.info((await sync.apply('plan.json')).actions);`,
    codes: [3],
  },
];

containsAll(ATTEMPTS);
