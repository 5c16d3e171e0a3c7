// Collisions: the same file was changed on both sides. Without a policy it is reported and left alone; here two policies settle it.
import { defineProject, log, sync } from 'sxrun';
import { editSoup, freshFolders } from './folders.ts';

const project = defineProject({
  name: 'laptop and server',
  roots: ['out/collisions/laptop', 'out/collisions/server'],
  syncDb: 'out/collisions/state.syncdb',
});

// A third one, 'newest', takes the younger file; the two of this example are as old as your copy of them.
const policies = [
  'keepBoth', // one keeps the name, the other gets "(root N, date)" in its own, and both roots have both
  () => ({ use: 1 }), // a function looks at the collision and decides; here the server always wins
] as const;

for (const onCollision of policies) {
  const [laptop = '', server = ''] = await freshFolders('collisions/laptop', 'collisions/server');
  await sync.do(project);
  await editSoup(laptop, 'edited-on-laptop');
  await editSoup(server, 'edited-on-server');
  const { collisions } = await sync.do(project, { onCollision });
  for (const { path, reason, resolved } of collisions) log.info(`${path}: ${reason}; settled by ${resolved}`);
}
