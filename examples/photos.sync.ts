// New photos from a camera: its card is the source, what the camera keeps for itself stays there.
import { defineProject } from 'sxrun';

export default defineProject({
  roots: [{ url: 'out/photos', targetOnly: true, autoMkdir: true }, 'data/camera'],
  excludeFiles: ['[Tt]humbs.db', 'desktop.ini'],
});
