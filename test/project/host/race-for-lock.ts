/**
 * A process that takes a lock again and again and every second time dies with it (leaves it as a dead process of elsewhere would: older than `staleAfterMs`).
 * Says `won` for each time; `TWO` when somebody else had it at the same time.
 */
import { closeSync, openSync, unlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { tryLock } from '../../../runtime/project/host/lock-directory.ts';
import { openLocal } from '../../../runtime/vfs/backends/local/open-local.ts';

const [folder = ''] = process.argv.slice(2);
const vfs = await openLocal(folder, { followLinks: false, signal: new AbortController().signal, flushEachFile: false });
const witness = join(folder, 'witness');
let wins = 0;
for (let turn = 0; turn < 150 || wins < 1; turn++) {
  const id = `${process.pid}-${turn}`;
  const attempt = await tryLock(vfs, 'lock', {
    id,
    identity: { pid: process.pid, host: `host ${process.pid}` },
    staleAfterMs: 60_000,
    now: Date.now,
  });
  if (attempt.kind === 'busy') continue;
  wins++;
  try {
    closeSync(openSync(witness, 'wx'));
    console.log('won');
    unlinkSync(witness);
  } catch {
    console.log('TWO');
  }
  const old = Date.now() / 1000 - 120;
  if (turn % 2 === 0) utimesSync(join(folder, 'lock', `held-${id}`), old, old);
  else await attempt.held.release();
}
const last = { id: `${process.pid}-last`, identity: { pid: process.pid, host: 'last' }, staleAfterMs: 60_000, now: Date.now };
for (;;) {
  const attempt = await tryLock(vfs, 'lock', last);
  if (attempt.kind === 'busy') continue;
  await attempt.held.release();
  break;
}
await vfs.close();
