// Exact copy: the target becomes what the source is. Files that only the target has are removed there.
import { defineProject } from 'sxrun';

export default defineProject({
  roots: ['./documents', { url: './mirror', targetOnly: true, autoMkdir: true }],
  mirror: true,

  // What the source leaves out is no part of the mirror either, and stays there untouched.
  excludeFiles: ['*.tmp', '~$*'],

  // A run that would remove more than this stops before it changes anything (exit code 3).
  guard: { maxRemove: '20%' },
});
