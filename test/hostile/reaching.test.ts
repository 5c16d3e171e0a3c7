import { type Attempt, containsAll } from './hostile.ts';

const XFILE = "import { log, sync, xfile } from 'sxrun';\nsync.dontDo();\n";
const EXEC = "import { exec, log, sync } from 'sxrun';\nsync.dontDo();\n";
const FETCH = "import { fetch, log, sync } from 'sxrun';\nsync.dontDo();\n";
const ROOTS = "roots: ['one', { url: 'two', targetOnly: true }]";

/** Ways to change what lies outside, to run programs, to connect, and to get more than was given. */
const ATTEMPTS: readonly Attempt[] = [
  ...[
    ["xfile.writeText('OUTSIDE/new.txt', 'x')", 'writing'],
    ["xfile.appendText('../outside/secret.txt', 'x')", 'appending'],
    ["xfile.remove('../outside/secret.txt')", 'removing'],
    ["xfile.removeRecursive('../outside', { confirm: false })", 'removing a tree'],
    ["xfile.removeRecursive('/', { confirm: false })", 'removing everything'],
    ["xfile.move('../outside/secret.txt', 'x.txt')", 'moving'],
    ["xfile.copy('one/a.txt', '../outside/secret.txt', { overwrite: true })", 'copying'],
    ["xfile.mkdir('../outside/folder')", 'making a folder'],
    ["xfile.touch('../outside/secret.txt', new Date(0))", 'setting a time'],
  ].map(([call, what]): Attempt => ({ what: `${what} outside`, script: `${XFILE}await ${call};`, codes: [2, 3] })),
  {
    what: 'writing through a link in the project',
    script: `${XFILE}await xfile.writeText('inside/new.txt', 'x');`,
    links: { inside: 'OUTSIDE' },
    codes: [3],
  },
  {
    what: 'overwriting the file that a link leads to',
    script: `${XFILE}await xfile.writeText('inside.txt', 'x');`,
    links: { 'inside.txt': 'OUTSIDE/secret.txt' },
    codes: [0, 3],
  },
  { what: 'a target outside', script: "export default { roots: ['one', { url: '../outside', targetOnly: true }], mirror: true };", codes: [3] },
  { what: 'a shadow outside', script: "export default { roots: ['one', { url: 'two', targetOnly: true, shadow: '../outside' }] };", codes: [3] },
  { what: 'a database outside', script: `export default { ${ROOTS}, syncDb: '../outside/secret.txt' };`, codes: [2, 3] },
  { what: 'a log outside', script: `export default { ${ROOTS}, logFile: { path: '../outside/secret.txt', mode: 'overwrite' } };`, codes: [3] },
  { what: 'a list outside', script: `export default { ${ROOTS}, sourceList: '../outside/secret.txt' };`, codes: [3] },
  { what: 'killing files outside', script: `export default { ${ROOTS}, killFiles: ['../outside/*', '/../../outside/secret.txt'] };`, codes: [0, 2] },
  {
    what: 'a lock outside',
    script: "import { lock, sync } from 'sxrun';\nsync.dontDo();\nawait lock('../outside/lock', { staleAfter: '1m' });",
    codes: [3],
  },
  {
    what: 'saving a plan outside',
    script: `import { sync } from 'sxrun';\nawait (await sync.plan({ ${ROOTS} })).save('../outside/secret.txt');`,
    codes: [3],
  },
  {
    what: 'changing our own stores with everything granted',
    script: `${XFILE}await xfile.mkdir('HOME/config', { parents: true }).catch(() => 0);\nawait xfile.writeText('HOME/config/grants.json', '{}');`,
    options: ['-A'],
    codes: [3],
  },
  {
    what: 'our own stores as a root with everything granted',
    script: "export default { roots: ['one', { url: 'HOME/config', targetOnly: true, autoMkdir: true }] };",
    options: ['-A'],
    codes: [2, 3],
  },
  { what: 'running a shell', script: `${EXEC}log.info((await exec('sh', ['-c', 'cat OUTSIDE/secret.txt'])).stdout);`, codes: [3], says: /run:/ },
  {
    what: 'running a program of the project that was granted',
    script: `${EXEC}log.info((await exec('./tool', [])).stdout);`,
    files: { tool: '#!/bin/sh\ncat OUTSIDE/secret.txt' },
    options: ['--allow-run=./tool'],
    codes: [2, 3],
  },
  {
    what: 'writing words of a shell into an argument',
    script: `${EXEC}log.info((await exec('echo', ['$(cat OUTSIDE/secret.txt)', ';', 'cat', '$CANARY_VARIABLE'])).stdout);`,
    options: ['--allow-run=echo'],
    codes: [0],
    says: /\$\(cat /,
  },
  {
    what: 'the environment of a program',
    script: `${EXEC}log.info((await exec('env', [])).stdout);`,
    options: ['--allow-run=env'],
    codes: [0],
    hides: /CANARY|SXRUN_HOME/,
  },
  ...['LD_PRELOAD', 'NODE_OPTIONS', 'BASH_ENV', 'PATH'].map(
    (name): Attempt => ({
      what: `${name} for a program`,
      script: `${EXEC}log.info((await exec('env', [], { env: { ${name}: 'evil' } })).stdout);`,
      options: ['--allow-run=env'],
      codes: [2, 3],
    }),
  ),
  ...[
    'http://127.0.0.1:9',
    'http://localhost:9',
    'http://[::1]:9',
    'http://2130706433:9',
    'http://0x7f.1:9',
    'http://good.example@127.0.0.1:9',
    'http://127.0.0.1.:9',
    'file://OUTSIDE/secret.txt',
    'data:text/plain,x',
  ].map(
    (url): Attempt => ({
      what: `fetching ${url}`,
      script: `${FETCH}log.info(await (await fetch('${url}')).text());`,
      options: ['--allow-net=good.example'],
      codes: [2, 3],
    }),
  ),
  {
    what: 'a sub-project with a wish of its own',
    script: `import { sync } from 'sxrun';\nawait sync.do('./sub/b.sync.ts').catch(() => 0);`,
    files: { 'sub/b.sync.ts': "export default { roots: ['../one', { url: 'OUTSIDE', targetOnly: true }] };" },
    codes: [3],
  },
  {
    what: 'a sub-project from outside',
    script: `import { sync } from 'sxrun';\nawait sync.do('../outside/secret.ts');`,
    codes: [3],
  },
  {
    what: 'changing something in a simulation',
    script: `import { exec, log, sync, xfile } from 'sxrun';
await xfile.writeText('one/new.txt', 'x');
await xfile.remove('one/a.txt');
await exec('touch', ['one/touched.txt']);
await sync.do({ ${ROOTS}, simulation: false });
log.info(await xfile.exists('one/new.txt'), await xfile.exists('one/a.txt'), await xfile.exists('one/touched.txt'), await xfile.exists('two/a.txt'));`,
    options: ['-s', '--allow-run=touch'],
    codes: [0],
    says: /\| false true false false/,
  },
  {
    what: 'an argument that says one thing and sends another',
    script: `${XFILE}const url = Object.assign(new String('one/a.txt'), { toString: () => 'OUTSIDE/secret.txt', toJSON: () => 'OUTSIDE/secret.txt' });\nlog.info(await xfile.readText(url as never));`,
    codes: [3],
  },
  {
    what: 'options that change while they are read',
    script: `import { log, sync } from 'sxrun';\nlet looks = 0;\nawait sync.do({ get roots() { return looks++ === 0 ? ['one', 'two'] : ['one', '../outside']; } });\nlog.info(looks);`,
    codes: [0],
    says: /\| 1\n/,
  },
  {
    what: 'overwriting the audit log with everything granted',
    script: `${XFILE}await xfile.writeText('HOME/audit.log', '');`,
    options: ['-A', '--audit', 'HOME/audit.log'],
    codes: [3],
  },
  {
    what: 'a header with a line of its own',
    script: `${FETCH}await fetch('http://127.0.0.1:9', { headers: { a: 'b\\r\\nc: d' } });`,
    options: ['-A'],
    codes: [2],
  },
  {
    what: 'a variable in the name of another',
    script: `${EXEC}await exec('env', [], { env: { 'A=1\\nLD_PRELOAD': 'evil' } });`,
    options: ['-A'],
    codes: [2],
  },
  {
    what: 'a name that shows as another one in the refusal',
    script: `${XFILE}await xfile.readText('../out\\u200bside\\u202e\\u001b[2J/secret.txt');`,
    codes: [3],
    says: /out\\u200bside\\u202e\\x1b\[2J/,
  },
  { what: 'approving a guard itself', script: `export default { ${ROOTS}, mirror: true, approve: '*' };`, codes: [2], says: /"approve" is unknown/ },
  {
    what: 'asking on after a refusal',
    script: `${XFILE}for (let n = 0; n < 50; n++) await xfile.readText('../outside/secret.txt').catch(() => 0);\nawait xfile.writeText('done.txt', 'x');`,
    codes: [3],
  },
  {
    what: 'options by way of a prototype',
    script: `import { sync } from 'sxrun';
(Object.prototype as any).roots = ['one', '../outside'];
(Object.prototype as any).url = '../outside';
(Object.prototype as any).simulation = false;
await sync.do(JSON.parse('{"__proto__":{"roots":["one","../outside"]},"roots":["one",{"url":"two","targetOnly":true}]}'));`,
    codes: [0, 2],
  },
  {
    what: 'replacing what the SDK is built of',
    script: `import { log, sync, xfile } from 'sxrun';
JSON.stringify = () => '{"type":"call","id":1,"method":"xfile.readText","request":{"url":"OUTSIDE/secret.txt"},"stack":""}';
Array.prototype.map = function () { return ['../outside']; } as never;
log.info(await xfile.readText('one/a.txt'));`,
    codes: [2, 3],
  },
  {
    what: 'making answers of its own',
    script: `import { sync } from 'sxrun';
JSON.stringify = () => '{"type":"answer","id":1,"hook":"filter","verdicts":"x"}';
await sync.do({ ${ROOTS} });`,
    codes: [2],
  },
];

containsAll(ATTEMPTS);
