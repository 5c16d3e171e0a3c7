// Moving window: only files changed in the last seven days are copied; older ones are left alone on both sides.
import { defineProject } from 'sxrun';

export default defineProject({
  roots: ['data/texts', { url: 'out/recent', targetOnly: true, autoMkdir: true }],
  newerThan: '7d',
  lazyMkdir: true, // no empty folders for files that are too old
});
