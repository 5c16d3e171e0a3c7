// Old versions: what a backup overwrites or removes is kept beside it, thinned out by age, and brought back when someone regrets it.
import { defineProject, log, sync, xfile } from 'sxrun';
import { editSoup, freshFolders } from './folders.ts';

const [texts = ''] = await freshFolders('versions/texts');
const project = defineProject({
  name: 'backup with versions',
  roots: [texts, { url: 'xvs:out/versions/backup', targetOnly: true, autoMkdir: true }],
  syncRemove: true,
  syncDb: 'out/versions/backup.syncdb',
  versions: {
    exclude: ['*.bak'], // of these nothing is kept
    keep: { last: 3, daily: 7, weekly: 4, monthly: 12, within: '48h' },
  },
});

await sync.do(project);
await editSoup(texts, 'edited-on-laptop'); // the recipe is worked on …
await xfile.remove(`${texts}/letters/anna.txt`); // … and a letter is removed
await sync.do(project);

// In the terminal:  sxrun versions restore examples/out/versions/backup letters --as-of "yesterday 18:00"
const newest = (await xfile.list('out/versions/backup/letters/XVS')).filter(({ name }) => name.endsWith('.anna.txt')).at(-1);
await xfile.copy(`out/versions/backup/letters/XVS/${newest?.name}`, `${texts}/letters/anna.txt`, { overwrite: true });
log.info(`brought back from ${newest?.name}`);
await sync.do(project);
