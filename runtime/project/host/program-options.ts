/** What a program is started by. */
export interface ProgramStart {
  /** Real path. */
  readonly program: string;
  /** What it is called as: a program of many names (busybox) looks at that. */
  readonly name: string;
  /** Real path of where it starts: see start-in-folder.ts. */
  readonly folder: string;
  /** All that it gets. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What every program is run with, by execa: without a shell, in a process group of its own. The folder is the caller's. */
export function programOptions({ program, name, environment }: ProgramStart) {
  return {
    env: environment,
    extendEnv: false,
    argv0: process.platform === 'win32' ? program : name,
    buffer: false,
    encoding: 'buffer',
    // A group of its own: it is ended as a whole, and Ctrl-C at the terminal reaches us first.
    detached: process.platform !== 'win32',
    windowsHide: true,
    reject: false,
    // What runs is nothing for our own terminal, whatever NODE_DEBUG says.
    verbose: 'none',
  } as const;
}
