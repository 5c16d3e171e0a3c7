// Removals travel too: a file that was there after the last run and is missing now was removed, and is removed on the other side.
import { defineProject, log, sync, xfile } from 'sxrun';
import { freshFolders } from './folders.ts';

const [laptop = '', server = ''] = await freshFolders('removals/laptop', 'removals/server');

const project = defineProject({
  name: 'laptop and server',
  roots: [laptop, server],
  syncDb: 'out/removals/state.syncdb',
  syncRemove: true,
});

await sync.do(project); // the first run only learns what is there
await xfile.remove(`${server}/letters/bank.txt`);

const plan = await sync.plan(project);
log.info(`${plan.summary.removed} to remove`); // worth a look before it is done
await sync.apply(plan);
