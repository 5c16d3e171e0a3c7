// Shadow: the web site is compared with a copy of it that is kept here, and each change goes to the server first, then to the copy.
import { defineProject, sync } from 'sxrun';
import { freshFolders } from './folders.ts';

const [edit = ''] = await freshFolders('shadow/edit');

const project = defineProject({
  name: 'web site',
  roots: [edit, { url: 'out/shadow/copy', shadow: 'out/shadow/server', targetOnly: true, autoMkdir: true }],
  mirror: true, // what is removed here is removed there
  excludeFiles: ['*.sync.ts', '*.bak'],
  excludeDirs: ['_*', 'CVS'],
});

await sync.do(project);
