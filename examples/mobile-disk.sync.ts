// Two machines that never meet: a disk is carried between them. Each has its project with a database of its own, so a collision is noticed on the way.
import { log, sync, xfile } from 'sxrun';
import { freshFolders } from './folders.ts';

const [home = '', disk = '', work = ''] = await freshFolders('mobile/home', 'mobile/disk', 'mobile/work');

// In real life these are two project files, one on each machine (or both on the disk), each run when the disk is there.
const options = { syncRemove: true, evenTime: true, excludeFiles: ['*.sync.ts', '*.bak'] };
const atHome = { ...options, name: 'at home', roots: [home, disk], syncDb: 'out/mobile/home.syncdb' };
const atWork = { ...options, name: 'at work', roots: [disk, work], syncDb: 'out/mobile/work.syncdb' };

await sync.do(atHome);
await sync.do(atWork);

await xfile.appendText(`${home}/notes.txt`, 'and bread\n');
await xfile.remove(`${home}/letters/bank.txt`);
await sync.do(atHome); // the disk leaves home with both changes …

await xfile.appendText(`${work}/notes.txt`, 'and a pen\n');
const { collisions } = await sync.do(atWork, { onCollision: 'keepBoth' }); // … and meets another change of the same file
for (const { path, reason } of collisions) log.info(`${path}: ${reason}; both are kept`);
