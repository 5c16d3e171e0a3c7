// Filters: a callback decides first, then the patterns; what nothing names takes part.
import { defineProject } from 'sxrun';

export default defineProject({
  roots: ['data/texts', { url: 'out/filtered', targetOnly: true, autoMkdir: true }],

  // A leading `/` means the root; without it a pattern matches at any depth. `*` also spans folders.
  excludeDirs: ['/drafts'],
  excludeFiles: ['*.txt'],
  includeFiles: ['letters/b*.txt'],

  // 'exclude' (or true) takes a path out, 'include' takes it in, anything else lets the patterns decide.
  isExclude(path, entry) {
    if (path.endsWith('notes.txt')) return 'include';
    return entry.size !== undefined && entry.size > 60 ? 'exclude' : undefined;
  },
});
