// Exact copy: files that only the target has are removed, and what was changed there is set right again.
import { defineProject } from 'sxrun';

export default defineProject({
  roots: ['data/texts', { url: 'out/mirror', targetOnly: true, autoMkdir: true }],
  mirror: true,
  compare: 'content',
});
