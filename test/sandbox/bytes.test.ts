import assert from 'node:assert/strict';
import test from 'node:test';
import { failure, type RunOptions, run } from './script-kit.ts';

const IMPORT = "import { log, sync, xfile } from 'sxrun';\nsync.dontDo();\n";

/** A host that keeps what is written by `xfile.writeBytes` and gives it to `xfile.readBytes`. */
function keeping(files: Map<string, Uint8Array>): RunOptions {
  return {
    callFunction: async ({ method, request }) => {
      const { url, bytes } = request as { url: string; bytes?: Uint8Array };
      if (method === 'xfile.readBytes') return new Uint8Array(files.get(url) ?? []);
      assert.ok(bytes instanceof Uint8Array);
      files.set(url, bytes);
      return null;
    },
  };
}

test('bytes cross the wall as they are, in both directions, as a part of a buffer or as none', async () => {
  const files = new Map([['in', new Uint8Array(100_000).map((_, index) => index * 7)]]);
  const outcome = await run(
    `${IMPORT}const bytes = await xfile.readBytes('in');
log.info(bytes instanceof Uint8Array, bytes.length, bytes[99_999], bytes.byteOffset);
await xfile.writeBytes('part', bytes.subarray(3, 10));
const later = xfile.writeBytes('whole', bytes);
bytes.fill(0);
await later;
await xfile.writeBytes('none', new Uint8Array(0));
log.info((await xfile.readBytes('none')).length);`,
    keeping(files),
  );
  assert.equal(failure(outcome), 'finished');
  assert.deepEqual(outcome.log, [`info: true 100000 ${(99_999 * 7) % 256} 0`, 'info: 0']);
  assert.deepEqual([...(files.get('part') ?? [])], [21, 28, 35, 42, 49, 56, 63]);
  assert.deepEqual(files.get('whole'), files.get('in'));
});

test('bytes of the host count as memory of the script', async () => {
  const outcome = await run(`${IMPORT}const all: Uint8Array[] = [];\nfor (;;) all.push(await xfile.readBytes('in'));`, {
    ...keeping(new Map([['in', new Uint8Array(8_000_000)]])),
    limits: { memoryBytes: 48 * 2 ** 20 },
  });
  assert.match(failure(outcome), /^memory the script needs more memory than the 48 MB/);
});

test('texts that the script has no memory for are told as that', async () => {
  const outcome = await run(`${IMPORT}const all: string[] = [];\nfor (;;) all.push(await xfile.readText('in'));`, {
    callFunction: async () => 'ä'.repeat(9_000_000),
    limits: { memoryBytes: 48 * 2 ** 20 },
  });
  assert.match(failure(outcome), /^memory /);
});

test('a message that the engine cannot hand out is a lack of memory', async () => {
  const outcome = await run(
    `${IMPORT}const text = 'ä'.repeat(6_000_000);
const room: unknown[] = [];
try { for (let size = 2 ** 24; size > 64; size /= 2) for (;;) { try { room.push(new ArrayBuffer(size)); } catch { break; } } } catch {}
await xfile.writeText('out', text);`,
    { callFunction: async () => assert.fail('nothing can be sent'), limits: { memoryBytes: 48 * 2 ** 20 } },
  );
  assert.match(failure(outcome), /^memory /);
});

test('an array that is no array of bytes any more is an error of the script', async () => {
  const outcome = await run(
    `${IMPORT}const bytes = new Uint8Array(8);
(bytes.buffer as unknown as { transfer(): void }).transfer();
await xfile.writeBytes('empty', bytes);
Object.defineProperty(Uint8Array.prototype, 'x', { value: 1 });
const fake = Object.create(Uint8Array.prototype) as Uint8Array;
await xfile.writeBytes('fake', fake);`,
    keeping(new Map()),
  );
  assert.match(failure(outcome), /^thrown TypeError: .* @ main\.sync\.ts:8:\d+$/);
});

test('memory that grows while a promise job runs is released at the end', async () => {
  for (const grow of ['new Uint8Array(40_000_000)', "'x'.repeat(40_000_000)"]) {
    const outcome = await run(`${IMPORT}await null;\nconst large = ${grow};\nlog.info(large.length);`);
    assert.equal(failure(outcome), 'finished');
  }
});

test('an error in a promise job during which memory grows names its line', async () => {
  const outcome = await run(`${IMPORT}await null;\nconst large = new Uint8Array(40_000_000);\nthrow new Error(String(large.length));`);
  assert.equal(failure(outcome), 'thrown Error: 40000000 @ main.sync.ts:5:24');
});

test('what a script has read and does not hold any more is released, also where it came out of an async function', async () => {
  const outcome = await run(
    `${IMPORT}const load = async () => await xfile.readBytes('in');
for (let n = 0; n < 20; n++) await load();
for (let n = 0; n < 20; n++) await xfile.readBytes('in');`,
    { ...keeping(new Map([['in', new Uint8Array(6_000_000)]])), limits: { memoryBytes: 48 * 2 ** 20 } },
  );
  assert.equal(failure(outcome), 'finished');
});

test('many small pieces may not have more memory in all than the limit', async () => {
  const outcome = await run(`${IMPORT}const all: Uint8Array[] = [];\nwhile (all.length < 100) {\n  all.push(new Uint8Array(1_000_000));\n}`, {
    limits: { memoryBytes: 48 * 2 ** 20 },
  });
  assert.match(failure(outcome), /^memory .* @ main\.sync\.ts:5:\d+$/);
});
