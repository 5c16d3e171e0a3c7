// Super-sync without a line of program: a list of projects that run one after another and inherit what is set here.
import { defineProject } from 'sxrun';

export default defineProject({
  subSyncs: ['backup.sync.ts', 'mirror.sync.ts'],
  excludeDirs: ['/drafts'], // for all of them, unless they say otherwise
  onError: 'continue-subsyncs', // one that fails does not keep the others from running
});
