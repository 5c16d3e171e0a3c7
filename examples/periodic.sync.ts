// Periodic run: in a loop, until Ctrl-C. This one ends after three rounds of half a second; a real one says '1h' and never returns false.
import { every, formatTime, log, SyncError, sync } from 'sxrun';
import backup from './backup.sync.ts';

let rounds = 0;
await every('500ms', async () => {
  log.info(`${formatTime(new Date(), 'HH:mm:ss')}: round ${++rounds}`);
  try {
    await sync.do(backup);
  } catch (error) {
    if (error instanceof SyncError && error.code === 'permission') throw error; // stays missing
    log.error(`${String(error)}; again in the next round`);
  }
  return rounds < 3;
});
