// Compressed backup: each file is a gzip file of its own, and a second project brings them back as they were.
import { sync } from 'sxrun';

await sync.do({
  name: 'backup',
  roots: ['data/texts', { url: 'igz:out/compressed/backup', targetOnly: true, autoMkdir: true }],
});
await sync.do({
  name: 'restore',
  roots: ['igz:out/compressed/backup', { url: 'out/compressed/restored', targetOnly: true, autoMkdir: true }],
});
