// Periodic run: a backup that is repeated until Ctrl-C; for a machine that restarts, a scheduler such as cron is better.
import { defineProject, every, formatTime, log, SyncError, sync } from 'sxrun';

const pause = '1h'; // How often, such as 10m, 1h or 1d

const project = defineProject({
  roots: ['./documents', { url: './backup', targetOnly: true, autoMkdir: true }],

  excludeFiles: ['*.tmp', '~$*'],

  // One unreadable file does not end the run; it is reported.
  onError: 'continue-files',
});

await every(pause, async () => {
  try {
    const { copied, problems } = await sync.do(project);
    log.info(`${formatTime(new Date(), 'yyyy-MM-dd HH:mm')}: ${copied} copied, ${problems.length} problems; again every ${pause}`);
  } catch (error) {
    // A disk that is not there may come back; a missing permission stays missing.
    if (error instanceof SyncError && error.code === 'permission') throw error;
    log.error(`${String(error)}; again every ${pause}`);
  }
});
