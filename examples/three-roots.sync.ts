// Three roots: the machine at home gets what was changed in the office, and so does the stick; there is no left and right.
import { defineProject, sync } from 'sxrun';
import { editSoup, freshFolders } from './folders.ts';

const roots = await freshFolders('three/office', 'three/home', 'three/stick');

const project = defineProject({
  name: 'office, home and stick',
  roots,
  syncDb: 'out/three/state.syncdb',
  evenTime: true, // sticks keep times in steps of 2 s
});

await sync.do(project);
await editSoup('out/three/office', 'edited-on-laptop');
await sync.do(project);
