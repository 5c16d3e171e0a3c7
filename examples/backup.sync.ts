// One-way backup: what is new or changed in data/texts is copied to out/backup.
import { defineProject } from 'sxrun';

export default defineProject({
  roots: ['data/texts', { url: 'out/backup', targetOnly: true, autoMkdir: true }],
  excludeFiles: ['*.bak'],
});
