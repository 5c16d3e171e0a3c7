// The SDK in a Node program of your own: node examples/library.mjs. Relative paths start at this file; nothing is asked, and nothing contains the program.
import { defineProject, log, SyncError, sync } from 'sxrun';

const project = defineProject({ roots: ['data/texts', { url: 'out/library', targetOnly: true, autoMkdir: true }] });

try {
  const plan = await sync.plan(project);
  log.info(`${plan.summary.copied} files are to be copied`);
  const result = await sync.do(project);
  log.info(`${result.copied} copied, ${result.bytes} bytes`);
} catch (error) {
  if (!(error instanceof SyncError)) throw error;
  log.error(`${error.line}: ${error.message}`);
  process.exitCode = 1;
}
