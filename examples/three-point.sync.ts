// Three points: what is changed on the development or the test machine gets to the other, and both to a backup that is never a source.
import { defineProject, sync } from 'sxrun';
import { editSoup, freshFolders } from './folders.ts';

const [development = '', testing = ''] = await freshFolders('point/development', 'point/testing');

const project = defineProject({
  name: 'three points',
  roots: [development, { url: 'out/point/backup', targetOnly: true, autoMkdir: true }, testing],
  syncDb: 'out/point/state.syncdb', // sees what was changed on both machines

  excludeFiles: ['*.txt', '/config*.sync.ts'],
  includeFiles: ['bank.txt'], // although *.txt stays out
  excludeDirs: ['CVS', '/drafts'],
});

await sync.do(project);
await editSoup(testing, 'edited-on-laptop');
await sync.do(project);
