// Backup into a ZIP archive: what is new or changed is added, nothing else of the archive is written again. To get it back turn the roots round, or unpack it with any tool.
import { defineProject, period } from 'sxrun';

const source = './documents'; // never changed
const archives = './archives'; // gets the archives, such as 2026-W47.zip

const span: 'day' | 'week' | 'month' | 'year' = 'week'; // How long each archive is written to

export default defineProject({
  roots: [source, { url: `zip:${archives}/${period(span)}.zip`, targetOnly: true, autoMkdir: true }],

  excludeFiles: ['*.tmp', '~$*'],

  // One unreadable file does not end the backup; it is reported, and the exit code is 1.
  onError: 'continue-files',
});
