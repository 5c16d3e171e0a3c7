// Backup onto media of limited size: each file goes to the first CD, DVD or stick with room, and a catalogue knows which one has what.
import { defineProject } from 'sxrun';

const documents = './documents'; // the source: never changed
const media = './media%INDEX%'; // %INDEX% stands for the number of a medium: 1, 2, 3 …

const limit = '4.7GB'; // What a medium takes
const copies = 1; // On how many media each file is
const newMedia: 'folders are made' | 'are asked for' = 'folders are made'; // Where the next medium comes from

export default defineProject({
  // igz:vol1: would compress each file, igz:ienc:vol1: encrypt it as well (with an encoder).
  roots: [documents, { url: 'vol1:', targetOnly: true }],

  volumes: {
    1: {
      media,
      limit,
      copies,
      autoMkdir: String(newMedia) === 'folders are made',
      waitMedia: String(newMedia) === 'are asked for',
      sectorSize: 2048, // what files are rounded up to: that of CDs and DVDs
    },
  },

  // What is removed from the documents goes from the media, too: at once, or when they are put in again.
  syncRemove: true,

  // A file that is larger than a medium does not end the backup; it is reported, and the exit code is 1.
  onError: 'continue-files',
});
