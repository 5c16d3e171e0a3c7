// Simulate, look, then run: a plan is made without changing anything, and the run depends on what it would do.
import { log, sync } from 'sxrun';
import backup from './backup.sync.ts';

const plan = await sync.plan(backup);
for (const { op, path, reason } of plan.actions) log.info(`would ${op} ${path} (${reason})`);

if (plan.summary.removed > 0) log.warn('something would be removed: please look first');
else await sync.do(backup);
