// Full copy, every time: `null:` is always empty, so each run brings everything to its shadow (and finds what cannot be read).
import { defineProject } from 'sxrun';

export default defineProject({
  roots: ['data/texts', { url: 'null:', shadow: 'out/full-copy', targetOnly: true, autoMkdir: true }],
});
