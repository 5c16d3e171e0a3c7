// Super-sync: runs other projects one after another. What is wrong in one does not keep the others from running.
import { log, sync } from 'sxrun';

const projects = ['./texts.sync.ts', './photos.sync.ts'];

for (const project of projects) {
  try {
    const result = await sync.do(project);
    log.info(`${result.project}: ${result.copied} copied, ${result.collisions.length} collisions`);
  } catch (error) {
    log.error(`${project}: ${String(error)}`);
  }
}
