// Two-way synchronization: changes travel both ways, for example between a laptop and a server.
import { defineProject } from 'sxrun';

export default defineProject({
  roots: ['./laptop', './server'],

  // The database remembers what both sides had in common. Only with it a file that was changed on both sides is noticed.
  syncDb: true,

  // Such a collision is reported and left alone until one side is put right. ('newest' or 'keepBoth' would settle it.)
  onCollision: 'report',

  // A file removed on one side is removed on the other; without this it would come back.
  syncRemove: true,

  excludeFiles: ['*.tmp', '~$*'],
});
