import { callHost, watched } from './transport.ts';

/** Files on any root URL: a local path (relative to the project file, `~` is the home folder), or `scheme:…`. All reject with SyncError. */
export const xfile = {
  /** Whether there is anything: a file, a folder, or a link, which is not followed. */
  exists(url: string): Promise<boolean> {
    return watched('xfile.exists', (stack) => callHost('xfile.exists', { url }, stack));
  },
};
