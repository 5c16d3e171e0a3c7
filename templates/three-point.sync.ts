// Three-point synchronization: an office machine and a home machine, with a stick that is carried between them.
import { defineProject } from 'sxrun';

export default defineProject({
  // All three are sources: whichever has the newer state gives it to the others. There may be more than three.
  roots: ['./office', './home', './stick'],

  // The database remembers what all had in common: a file that was changed on several of them is noticed.
  syncDb: true,

  // A file removed on one of them is removed on the others.
  syncRemove: true,

  // FAT and exFAT sticks keep times in steps of 2 s, and some shift them by an hour with daylight saving time.
  evenTime: true,
  ignoreTimeShifts: [60],

  excludeFiles: ['*.tmp', '~$*'],
});
