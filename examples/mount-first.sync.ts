// A program first: what mounts a share or a disk runs before the synchronization. It needs a permission: sxrun --allow-run=node mount-first.sync.ts
import { exec, sync } from 'sxrun';

// Stands in for ['mount', '/mnt/nas'] or ['net', 'use', 'Z:', '\\\\server\\share']. A list of arguments, never a shell.
const [program, ...args] = ['node', '-e', "require('fs').mkdirSync('out/mounted', { recursive: true })"] as const;

// Without `reject` the exit code is ours to judge: "mounted already" is no reason to stop.
const { exitCode, stderr } = await exec(program, args, { timeout: '1m' });
if (exitCode !== 0) throw new Error(`${program} ended with ${exitCode}: ${stderr}`);

await sync.do({ name: 'to the share', roots: ['data/texts', { url: 'out/mounted', targetOnly: true }], excludeFiles: ['*.bak'] });
