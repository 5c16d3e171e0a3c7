// Directory backup: what is new or changed in a folder is copied to a second one; nothing is removed there.
import { defineProject } from 'sxrun';

export default defineProject({
  roots: [
    './documents', // the source: never changed
    { url: './backup', targetOnly: true, autoMkdir: true }, // only receives; made when it is missing
  ],

  // `*` also matches across folders. With a leading `/` a pattern counts from the root, else at any depth.
  excludeFiles: ['*.tmp', '~$*'],
  excludeDirs: ['node_modules'],

  // One unreadable file does not end the backup; it is reported, and the exit code is 1.
  onError: 'continue-files',
});
