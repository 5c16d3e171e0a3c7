// Backup onto CDs, DVDs or sticks: each file goes to the first medium with room, and a catalogue knows which one has what. Folders stand for media here.
import { defineProject, log, sync, xfile } from 'sxrun';
import { editSoup, freshFolders } from './folders.ts';

const [texts = ''] = await freshFolders('media/texts');
const volumes = {
  1: {
    media: 'out/media/disc%INDEX%', // disc1, disc2 …
    limit: 700, // bytes; '4.7GB' for a DVD, '700MiB' for a CD
    sectorSize: 16, // 2048 on CDs and DVDs
    autoMkdir: true, // for media that somebody puts in: waitMedia: true
    catalogue: 'out/media/backup.syncvol',
  },
};
const backup = defineProject({
  name: 'backup onto media',
  roots: [texts, { url: 'vol1:', targetOnly: true }], // 'igz:vol1:' would compress, 'ienc:igz:vol1:' encrypt as well
  volumes,
  syncRemove: true,
  syncDb: 'out/media/backup.syncdb',
});

await sync.do(backup);
await editSoup(texts, 'edited-on-laptop'); // a changed file that does not fit any more moves to another medium
await sync.do(backup);

for await (const { path, kind } of xfile.walk('out/media', { files: 'disc*/**' })) if (kind === 'file') log.info(path);

// And back: what is on media that are not in reach is asked for, or reported.
await sync.do({ name: 'restore', roots: ['vol1:', { url: 'out/media/restored', targetOnly: true, autoMkdir: true }], volumes, mirror: true });
