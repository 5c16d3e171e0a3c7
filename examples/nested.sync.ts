// A backup inside of what it saves: the inner root is no part of the outer one, so nothing is copied round and round.
// The same without a file, in the folder to save: sxrun -z -r backup -n 1
import { sync } from 'sxrun';
import { freshFolders } from './folders.ts';

const [texts = ''] = await freshFolders('nested');
await sync.do({ name: 'nested', roots: [texts, { url: `${texts}/backup`, targetOnly: true, autoMkdir: true }] });
