// Backup with old versions: what is overwritten or removed is kept beside it, thinned out by age.
import { defineProject } from 'sxrun';

const documents = './documents'; // the source: never changed
const backup = './backup'; // only receives; made when it is missing

export default defineProject({
  // xvs: keeps letters/anna.txt as letters/XVS/001.anna.txt before it is overwritten or removed.
  roots: [documents, { url: `xvs:${backup}`, targetOnly: true, autoMkdir: true }],

  // What is removed from the documents goes from the backup, too; its old versions stay.
  syncRemove: true,

  versions: {
    exclude: ['*.tmp'], // of these nothing is kept
    // A version stays that any of the rules keeps; without `keep` all stay.
    keep: { last: 3, daily: 7, weekly: 4, monthly: 12, within: '48h' },
  },

  // To see them:          sxrun versions list ./backup
  // To bring them back:   sxrun versions restore ./backup letters --as-of "yesterday 18:00"
});
