// Super-sync: one file that runs other projects, each with a different option, and says how it went.
import { log, sync } from 'sxrun';
import backup from './backup.sync.ts';
import mirror from './mirror.sync.ts';

for (const project of [backup, mirror]) {
  try {
    const result = await sync.do(project, { verbose: true });
    log.info(`${result.copied} copied, ${result.collisions.length} collisions`);
  } catch (error) {
    log.error(`stopped: ${String(error)}`);
  }
}
await sync.do('filters.sync.ts'); // a file runs in a sandbox of its own
