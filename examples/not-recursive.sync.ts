// Only the files right in a folder: each folder of the root is left out, with all that is in it.
import { defineProject } from 'sxrun';

export default defineProject({
  roots: ['data/texts', { url: 'out/not-recursive', targetOnly: true, autoMkdir: true }],
  excludeDirs: ['/*'],
});
