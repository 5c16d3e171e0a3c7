// Rotating backup: a folder for each of four weeks, and then from the beginning; what it held before is brought up to date.
import { defineProject, period } from 'sxrun';

const source = './documents'; // never changed
const backup = './backup'; // gets the folders: week-1, week-2 …

const span: 'hour' | 'day' | 'week' | 'month' = 'week'; // How long each folder is written to
const keep = 4; // How many folders there are

export default defineProject({
  roots: [source, { url: `${backup}/${span}-${period(span, { keep })}`, targetOnly: true, autoMkdir: true }],

  // A folder becomes an exact copy: what was removed from the source since the folder was last in use goes from it, too.
  mirror: true,

  excludeFiles: ['*.tmp', '~$*'],

  // One unreadable file does not end the backup; it is reported, and the exit code is 1.
  onError: 'continue-files',
});
