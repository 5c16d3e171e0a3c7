import { type FoldersRun, syncFolders } from './sync-folders.ts';

/** Runs what its argument says (a FoldersRun as JSON), so that a test can kill it at any moment: it says `start` right before. Exit code 0 when the run finished. */
const run = JSON.parse(process.argv[2] ?? '') as FoldersRun;
process.stdout.write('start\n');
const end = await syncFolders(run);
process.exitCode = end.end === 'finished' && end.problems.length === 0 ? 0 : 1;
