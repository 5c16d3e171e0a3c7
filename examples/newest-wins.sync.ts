// Two folders, the newest wins: each side gets what is newer on the other. Without a database a removed file comes back.
import { sync, xfile } from 'sxrun';
import { freshFolders } from './folders.ts';

const [laptop = '', computer = ''] = await freshFolders('newest/laptop', 'newest/computer');
await xfile.appendText(`${laptop}/notes.txt`, 'and potatoes\n');
await xfile.writeText(`${computer}/letters/tax.txt`, 'To the tax office: soon.\n');

await sync.do({
  name: 'laptop and computer',
  roots: [laptop, computer],
  excludeFiles: ['*.bak'],
});
