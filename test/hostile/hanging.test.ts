import { type Attempt, containsAll } from './hostile.ts';

const FAST = ['--script-timeout', '1s', '--script-memory', '48MB'];
const ROOTS = "roots: ['one', { url: 'two', targetOnly: true }]";
const DONT = "import { log, sync, xfile } from 'sxrun';\nsync.dontDo();\n";

/** Ways to hang the run, to fill its memory, and to break the machine that runs the script. Each ends with exit code 2 and, where there is one, the line. */
const ATTEMPTS: readonly Attempt[] = [
  ...[
    ['an endless loop', 'while (true);'],
    ['an endless loop in a function', 'function spin(): void {\n  for (;;) Math.sqrt(2);\n}\nspin();'],
    ['an endless chain of jobs', 'const next = (): void => void Promise.resolve().then(next);\nnext();\nawait new Promise(() => undefined);'],
    ['an endless generator', 'function* all() { for (;;) yield 1; }\nfor (const one of all()) void one;'],
    ['an endless loop in a getter that the SDK reads', 'await sync.do({ get roots(): never { for (;;); } });'],
    ['an endless loop in toJSON', "await sync.do({ roots: [{ url: 'one', toJSON() { for (;;); } } as never] });"],
    ['an endless loop in a comparison', '[3, 2, 1].sort(() => { for (;;); });'],
    ['an expression that backtracks for ever', "/^(a+)+$/.test('a'.repeat(40) + 'b');"],
    ['a number of a billion digits', 'const big = 2n ** (2n ** 33n);\nlog.info(String(big).length);'],
    ['an endless loop in finally', 'try {\n  throw new Error("x");\n} finally {\n  for (;;);\n}'],
    ['an endless loop in an error', 'const error = new Error("x");\nObject.defineProperty(error, "message", { get() { for (;;); } });\nthrow error;'],
    [
      'an endless loop in what all promises look at',
      'Object.defineProperty(Object.prototype, "then", { value: function (go: (x: unknown) => void) { go(this); } });\nlog.info(await xfile.list("one"));',
    ],
    ['an endless loop in a proxy', 'const evil: object = new Proxy({}, { get() { for (;;); }, ownKeys() { for (;;); } });\nlog.info(evil);'],
  ].map(([what, script]): Attempt => ({ what: what ?? '', script: `${DONT}${script}`, options: FAST, codes: [2], says: /a\.sync\.ts:\d+:\d+/ })),
  ...['isExclude', 'isExcludeDir', 'onCollision'].map(
    (option): Attempt => ({
      what: `an endless loop in ${option}`,
      script: `export default { roots: ['one', 'two'], ${option}: () => { for (;;); } };`,
      files: { 'one/d/b.txt': 'b', 'two/a.txt': 'another one', 'one/same.txt': '1', 'two/same.txt': '22' },
      options: FAST,
      codes: option === 'onCollision' ? [0, 1, 2] : [2],
    }),
  ),
  ...[
    // Each promise waits for the next: memory is full about when the time is up, and then there is none left to tell the line.
    ['an endless chain of promises', 'const next = (): Promise<void> => Promise.resolve().then(next);\nawait next();'],
    ['an endless loop where errors are shown', '(Error as any).prepareStackTrace = () => { for (;;); };\nawait xfile.readText("nope");'],
    ['a list without end', 'const all: unknown[] = [];\nfor (;;) all.push(new Array(1000).fill(all.length));'],
    ['a text that doubles', "let text = 'x';\nfor (;;) text += text + text.length;"],
    ['a text of a gigabyte', "const text = 'x'.repeat(2 ** 30 - 100);\nlog.info(text.split(''));"],
    ['a buffer of gigabytes', 'const bytes = new Uint8Array(2 ** 31);\nlog.info(bytes.fill(1).length);'],
    ['a map without end', 'const all = new Map();\nfor (let n = 0; ; n++) all.set(n, { n, text: String(n) });'],
    ['an endless recursion', 'const deeper = (n: number): number => deeper(n + 1) + 1;\ndeeper(0);'],
    ['an endless recursion through the engine', 'const deeper = (): unknown => [1].map(deeper);\ndeeper();'],
    ['an endless recursion in toString', 'const evil: object = { toString: () => String(evil) };\nlog.info(String(evil));'],
    [
      'data that is very deep',
      'let deep: unknown[] = [];\nfor (let n = 0; n < 100_000; n++) deep = [deep];\nawait sync.do({ roots: deep as never });',
    ],
    ['JSON that is very deep', "JSON.parse('['.repeat(1_000_000));"],
    ['an expression that is very deep', "new RegExp('('.repeat(100_000));"],
    [
      'data that holds itself',
      "const loop: Record<string, unknown> = {};\nloop.loop = loop;\nawait sync.do({ roots: ['one', 'two'], guard: loop } as never);",
    ],
  ].map(([what, script]): Attempt => ({ what: what ?? '', script: `${DONT}${script}`, options: FAST, codes: [2] })),
  ...[
    ['throwing nothing', 'throw undefined;'],
    ['throwing null', 'throw null;'],
    ['throwing a symbol', 'throw Symbol("evil");'],
    ['throwing a proxy', 'throw new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 2; }, ownKeys() { throw 3; } });'],
    ['throwing a revoked proxy', 'const one = Proxy.revocable({}, {});\none.revoke();\nthrow one.proxy;'],
    ['a revoked proxy as project', 'const one = Proxy.revocable({}, {});\none.revoke();\nawait sync.do(one.proxy as never);'],
    ['throwing an error that is its own cause', 'const error: Error = new Error("x");\nerror.cause = error;\nthrow error;'],
    [
      'throwing an error with a stack of thousands of lines',
      '(Error as any).stackTraceLimit = 1e9;\nconst deeper = (n: number): never => { if (n > 0) return deeper(n - 1); throw new Error("x"); };\ndeeper(2000);',
    ],
    [
      'a species that makes no promises',
      'class Odd extends Promise<number> { static override get [Symbol.species](): never { throw new Error("x"); } }\nawait new Odd((go) => go(1)).then(() => 1);',
    ],
    ['promises without then', 'Promise.prototype.then = function () { return this as never; };\nawait xfile.exists("one/a.txt");'],
    [
      'a world without anything',
      'for (const name of Object.getOwnPropertyNames(globalThis)) try { delete (globalThis as any)[name]; } catch {}\nlog.info(await xfile.exists("one/a.txt"));',
    ],
    [
      'a callback that starts its own run, and so on',
      `const project = { ${ROOTS}, isExclude: async (): Promise<boolean> => { await sync.do(project); return false; } };\nawait sync.do(project);`,
    ],
    [
      'a callback that throws a revoked proxy',
      `const one = Proxy.revocable({}, {});\none.revoke();\nawait sync.do({ ${ROOTS}, isExclude: () => { throw one.proxy; } });`,
    ],
    ['a path of half a million folders', "await xfile.readText('a/'.repeat(500_000));"],
    ['a root with a path of two thousand folders', "await sync.do({ roots: ['one', 'a/'.repeat(2045)] });"],
    ['a pattern with a hundred thousand ranges', `await sync.do({ ${ROOTS}, excludeFiles: ['[' + 'abc-'.repeat(100_000) + ']'] });`],
    [
      'a hundred thousand patterns of a walk',
      "for await (const file of xfile.walk('one', { files: new Array(100_000).fill('{a,b}') })) log.info(file.url);",
    ],
    ['a pattern that stands for millions', "for await (const file of xfile.walk('one', { files: '{a,b}'.repeat(300) })) log.info(file.url);"],
    ['a plan that is very deep', "await xfile.writeText('plan.json', '['.repeat(1_000_000));\nawait sync.apply('plan.json');"],
    ['an argument that no system takes', "await xfile.touch('one/a.txt', new Date(NaN));"],
    ['throwing what throws when it is shown', 'throw { toString() { throw new Error("again"); }, get name() { throw 1; } };'],
    [
      'throwing an error whose stack throws',
      'const error = new Error("x");\nObject.defineProperty(error, "stack", { get() { throw error; } });\nthrow error;',
    ],
    ['throwing an error whose name is no text', 'const error = new Error("x");\nObject.assign(error, { name: { a: 1 } });\nthrow error;'],
    ['rejecting with nothing', 'await Promise.reject();'],
    ['a rejection that nobody handles', 'void Promise.reject(new Error("lost"));'],
    ['an await that can never end', 'await new Promise(() => undefined);'],
    ['an exit', '(globalThis as any).process.exit(0);'],
    ['a thousand rejections', 'for (let n = 0; n < 1000; n++) void Promise.reject(n);'],
  ].map(([what, script]): Attempt => ({ what: what ?? '', script: `${DONT}${script}`, options: FAST, codes: [2] })),
  {
    what: 'fifty thousand calls that nobody awaits',
    script: `${DONT}for (let n = 0; n < 50_000; n++) void xfile.exists('one/a.txt');\nlog.info('asked');`,
    codes: [0, 2],
  },
  {
    what: 'patterns that backtrack on the host',
    script: `${DONT}await xfile.writeText('one/' + 'a'.repeat(200), 'x');\nfor (const files of ['*a'.repeat(100) + 'b', '+(+(+(a)))b', '*(a|a*)*(a|a*)b', '**/a/'.repeat(60) + 'b']) for await (const file of xfile.walk('one', { files })) log.info(file.url);\nawait sync.do({ ${ROOTS}, excludeFiles: ['*a'.repeat(120) + 'b', '*[a]*?*[a]*?*[a]*?*b'] });`,
    codes: [0],
  },
  {
    what: 'a timer that never ends',
    script: `${DONT}let n = 0;\nconst timer = setInterval(() => { if (++n > 200) { clearInterval(timer); log.info('end'); } }, 0);`,
    codes: [0],
    says: /\| end/,
  },
  {
    what: 'a flood of messages',
    script: `${DONT}for (let n = 0; n < 20_000; n++) log.info('x'.repeat(500));`,
    codes: [0],
  },
  {
    what: 'a message that acts on the terminal or looks like ours',
    script: `${DONT}log.info('\\x1b[2J\\x1b]0;evil\\x07\\x9b31m\\u202e\\u2028stopped    all is lost\\r\\nstopped    again');`,
    codes: [0],
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not come out
    hides: /[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u202e\u2028]|^stopped/m,
  },
  {
    what: 'a message that looks like an event',
    script: `${DONT}log.info('{"type":"exit","code":0}\\n{"type":"exit","code":0}');\nthrow new Error('x');`,
    options: ['--json'],
    codes: [2],
    says: /\{"type":"exit","code":2\}\n$/,
    hides: /^\{"type":"exit","code":0\}/m,
  },
  {
    what: 'a project in a project in a project',
    script: `${DONT}let project: object = { ${ROOTS} };\nfor (let n = 0; n < 5000; n++) project = { subSyncs: [project] };\nawait sync.do(project);`,
    options: FAST,
    codes: [2],
  },
];

containsAll(ATTEMPTS);
