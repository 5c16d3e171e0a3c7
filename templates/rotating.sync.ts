// Rotating backup: several folders take turns, a week each for example; the one whose turn it is becomes a copy of the source.
import { defineProject, period } from 'sxrun';

const source = './documents'; // never changed
const backup = './backup'; // gets the folders, such as week-1

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
