// Recycle: what a run is about to remove is put aside first. The run does just what was looked at, since it carries out the same plan.
import { defineProject, formatTime, sync, xfile } from 'sxrun';
import { freshFolders } from './folders.ts';

const [music = '', player = ''] = await freshFolders('recycle/music', 'recycle/player');
const roots = [music, player];
const project = defineProject({ name: 'music and player', roots, syncDb: 'out/recycle/state.syncdb', syncRemove: true });

await sync.do(project);
await xfile.remove(`${music}/letters/anna.txt`); // someone tidies up

const bin = `out/recycle/bin/${formatTime(new Date(), 'yyyy-MM-dd HH-mm-ss-SSS')}`;
const plan = await sync.plan(project);
for (const { op, kind, path, to } of plan.actions) {
  if (op !== 'remove' || kind === 'directory') continue;
  const aside = `${bin}/${path}`;
  await xfile.mkdir(aside.slice(0, aside.lastIndexOf('/')), { parents: true });
  await xfile.copy(`${roots[to]}/${path}`, aside);
}
await sync.apply(plan);
