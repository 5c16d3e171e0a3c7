// Periodic run: in a loop, until Ctrl-C. This one ends after three rounds of half a second; a real one says '1h' and never returns false.
import { every, formatTime, log, sync } from 'sxrun';
import backup from './backup.sync.ts';

let rounds = 0;
await every('500ms', async () => {
  log.info(`${formatTime(new Date(), 'HH:mm:ss')}: round ${++rounds}`);
  try {
    await sync.do(backup);
  } catch (error) {
    log.error(`${String(error)}; again in the next round`);
  }
  return rounds < 3;
});
