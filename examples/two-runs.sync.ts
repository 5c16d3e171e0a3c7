// Two runs in one file: the same folder, to another machine as it is, and to a backup with fewer files.
import { sync } from 'sxrun';
import { freshFolders } from './folders.ts';

const [texts = '', laptop = ''] = await freshFolders('two-runs/texts', 'two-runs/laptop');

await sync.do({ name: 'laptop', roots: [texts, laptop], excludeFiles: ['*.bak'] });
await sync.do({
  name: 'backup',
  roots: [texts, { url: 'out/two-runs/backup', targetOnly: true, autoMkdir: true }],
  excludeFiles: ['*.bak', '*.tmp', '*.lst', '~$*'],
  excludeDirs: ['/drafts'],
});
