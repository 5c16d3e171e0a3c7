import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type CoderOrder, throughProgram } from '../../../runtime/project/host/through-program.ts';
import { VfsError } from '../../../runtime/vfs/vfs-error.ts';
import { temporaryFolder } from '../../kit/sync-folders.ts';
import { untilGone } from '../../kit/until-gone.ts';

const never = new AbortController().signal;
const posix = { skip: process.platform === 'win32' };

/** A coder that is a Node program. */
function coder(script: string, more: Partial<CoderOrder> = {}): CoderOrder {
  return {
    program: process.execPath,
    name: 'coder',
    args: ['-e', script],
    folder: process.cwd(),
    environment: { PATH: '' },
    passphrase: undefined,
    stallMs: 60_000,
    ...more,
  };
}
const COPY = 'process.stdin.pipe(process.stdout)';

async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function outputOf(input: AsyncIterable<Uint8Array>, order: CoderOrder, signal = never): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of throughProgram(input, order, signal)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test('content goes through a program', async () => {
  assert.equal(await outputOf(pieces('one, ', '', 'two'), coder(COPY)), 'one, two');
  assert.equal(await outputOf(pieces(), coder(COPY)), '');
});

test('more than any pipe holds goes through in pieces, and nothing is read far ahead of what is taken', async () => {
  const block = Buffer.alloc(65_536, 'x');
  let given = 0;
  async function* many(count: number): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < count; i++) {
      given++;
      yield block;
    }
  }
  const hash = createHash('sha256');
  for await (const chunk of throughProgram(many(300), coder(COPY), never)) hash.update(chunk);
  assert.equal(
    hash.digest('hex'),
    createHash('sha256')
      .update(Buffer.alloc(300 * 65_536, 'x'))
      .digest('hex'),
  );

  given = 0;
  for await (const chunk of throughProgram(many(3000), coder(COPY), never)) {
    assert.ok(chunk.length > 0);
    break;
  }
  assert.ok(given < 500, `${given} blocks were read for the first piece`);
});

test('a coder that fails is said with its exit code and its last words', async () => {
  const fails = coder("process.stdin.resume().on('end', () => { console.error('noise\\n\\u001b[31mno secret key'); process.exitCode = 2; });");
  await assert.rejects(outputOf(pieces('x'), fails), { message: 'coder ended with exit code 2: noise; \\x1b[31mno secret key' });
});

test('a coder that fails half-way is a failure, whatever it wrote before', async () => {
  const half = coder("process.stdin.once('data', (chunk) => process.stdout.write(chunk, () => process.exit(1)))");
  const got: Uint8Array[] = [];
  await assert.rejects(
    (async () => {
      for await (const chunk of throughProgram(pieces('first', 'second'), half, never)) got.push(chunk);
    })(),
    { message: 'coder ended with exit code 1' },
  );
});

test('a coder that is killed is a failure', posix, async () => {
  await assert.rejects(outputOf(pieces('x'), coder("process.kill(process.pid, 'SIGKILL')")), { message: 'coder was ended by SIGKILL' });
});

test('a coder that ends well without reading all is a failure', async () => {
  const early = coder("process.stdin.once('data', () => process.exit(0))");
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) yield Buffer.alloc(65_536);
  }
  await assert.rejects(outputOf(endless(), early), { message: 'coder ended without reading all that it was given' });
});

test('a coder that does nothing is ended when its time is over, with all that it started', posix, async (t) => {
  const folder = await temporaryFolder(t);
  const script = "trap '' TERM; sleep 1000 & echo $! > pid; wait; wait";
  const environment = { PATH: process.env['PATH'] ?? '' };
  const order = coder('', { program: '/bin/sh', args: ['-c', script], environment, folder, stallMs: 3000 });
  await assert.rejects(outputOf(pieces('x'), order), { message: /^coder was ended: it did nothing for 3000 ms; .*"timeout"/ });
  await untilGone(Number(readFileSync(join(folder, 'pid'), 'utf8')));
});

test('an error of the source is the error of the result, and the coder is ended', async () => {
  const lost = new VfsError('transient', 'source.txt', 'lost');
  async function* breaking(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('x');
    throw lost;
  }
  await assert.rejects(outputOf(breaking(), coder(COPY)), (error) => error === lost);
  await assert.rejects(outputOf(breaking(), coder('process.exit(0)')), VfsError);
});

test('the end of the run ends the coder', async () => {
  const ending = new AbortController();
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (let i = 0; ; i++) {
      if (i === 20) ending.abort();
      yield Buffer.alloc(65_536);
    }
  }
  await assert.rejects(outputOf(endless(), coder(COPY), ending.signal), { name: 'VfsError', code: 'aborted' });
  await assert.rejects(outputOf(pieces('x'), coder(COPY), AbortSignal.abort()), { name: 'VfsError', code: 'aborted' });
});

test('a program that is not there, or is none, is said', async (t) => {
  const folder = await temporaryFolder(t);
  await assert.rejects(outputOf(pieces('x'), coder('', { program: join(folder, 'none') })), { message: /^coder cannot be started: .*ENOENT/ });
});

test('what a coder leaves behind with its output open is no whole output', posix, async (t) => {
  const folder = await temporaryFolder(t);
  const leaves = coder(
    "const { spawn } = require('node:child_process'); const held = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: ['ignore', 'inherit', 'ignore'], detached: true });" +
      "held.unref(); require('node:fs').writeFileSync('pid', String(held.pid)); process.stdin.resume().on('end', () => process.exit(0));",
    { folder },
  );
  await assert.rejects(outputOf(pieces('x'), leaves), { message: 'coder ended, but something that it started holds its output open' });
  process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')), 'SIGKILL');
});

for (const fd of [3, 0] as const) {
  test(`a passphrase comes on file descriptor ${fd}, and neither arguments nor environment show it`, async () => {
    const passphrase = { fd, text: 'päss wörd' };
    const script =
      fd === 3
        ? "const key = require('node:fs').readFileSync(3, 'utf8'); process.stdout.write(JSON.stringify([key, process.argv, process.env])); process.stdin.resume();"
        : "let all = ''; process.stdin.on('data', (part) => { all += part; }).on('end', () => process.stdout.write(JSON.stringify([all, process.argv, process.env])));";
    const [key, args, environment] = JSON.parse(await outputOf(pieces('content'), coder(script, { passphrase }))) as [string, string[], object];
    assert.equal(key, fd === 3 ? 'päss wörd\n' : 'päss wörd\ncontent');
    assert.doesNotMatch(JSON.stringify([args, environment]), /wörd/);
    assert.deepEqual(
      Object.keys(environment).filter((name) => name !== 'PATH' && !name.startsWith('__')),
      [],
    );
  });
}

test('a coder that does not care for its passphrase is none the worse', async () => {
  assert.equal(await outputOf(pieces('content'), coder(COPY, { passphrase: { fd: 3, text: 'unread' } })), 'content');
});
