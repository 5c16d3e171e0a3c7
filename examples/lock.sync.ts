// A lock on the server: of several machines that synchronize with it only one does so at a time.
import { lock, sync } from 'sxrun';
import { freshFolders } from './folders.ts';

const [laptop = '', server = ''] = await freshFolders('locked/laptop', 'locked/server');

// Others wait up to a minute. A lock whose holder has died is taken over after ten. It is given back at the end of the script, whatever happens.
await using _held = await lock(`${server}/.lock`, { staleAfter: '10m', wait: '1m' });

await sync.do({ name: 'laptop and server', roots: [laptop, server], excludeDirs: ['/.lock'] });
