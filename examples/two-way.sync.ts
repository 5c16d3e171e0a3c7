// Two-way synchronization: what is changed or removed on one side is so on the other, whichever side that is.
import { defineProject, sync } from 'sxrun';
import { editSoup, freshFolders } from './folders.ts';

const [laptop = '', server = ''] = await freshFolders('two-way/laptop', 'two-way/server');

const project = defineProject({
  name: 'laptop and server',
  roots: [laptop, server],
  syncDb: 'out/two-way/state.syncdb', // what both had in common after the last run
  syncRemove: true,
});

await sync.do(project);
await editSoup(laptop, 'edited-on-laptop');
await sync.do(project);
