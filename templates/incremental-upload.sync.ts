// Incremental upload: what is new, changed or removed in a folder is so on a server, whose files are never compared: notes tell what it has.
import { defineProject } from 'sxrun';

const website = './website'; // the source: never changed
const notes = './website-notes'; // a folder of its own for notes of what was uploaded: names, sizes and times, no byte of content
const server = './server'; // gets what is uploaded

export default defineProject({
  roots: [
    website,
    {
      url: `tfs:${notes}`,
      // Each change is made here first; when that fails, it is not noted, and the next run repeats it. When nothing is here of what the notes tell (a disk that is not
      // mounted), the run stops before anything is done. To upload everything again, empty the notes.
      shadow: server,
      targetOnly: true,
      autoMkdir: true,
    },
  ],
  mirror: true, // what is removed from the source is removed from the server, too

  excludeFiles: ['*.sync.ts', '*.tmp'],
  excludeDirs: ['.git'],
});
