// Moving a tree: files are copied, and those that have arrived are removed from the source; its folders stay.
import { log, sync, xfile } from 'sxrun';
import { freshFolders } from './folders.ts';

const [source = ''] = await freshFolders('move/source');
const target = 'out/move/target';

await sync.do({ name: 'move', roots: [source, { url: target, targetOnly: true, autoMkdir: true }], excludeDirs: ['/drafts'] });

// All that both have, so that a run that was interrupted is made good by the next one.
for await (const file of xfile.walk(source)) {
  const arrived = await xfile.stat(`${target}/${file.path}`);
  if (arrived?.size !== file.size || arrived?.modified?.getTime() !== file.modified?.getTime()) log.info(`${file.path} stays`);
  else await xfile.remove(file.url, { ifUnchanged: file }); // what somebody has changed since stays: an error "changed"
}
