import type { Receive } from '../../sdk/transport.ts';
import { tuneEngine } from '../machine/tune-engine.ts';
import type { ExitCode, RunRequest } from '../project/run-request.ts';

/* All of this program but its start and its threads: `dist/command.cjs`. The start loads it with what V8 has compiled before (compiled-command.ts); the SDK as a library loads it with its first call. */

export { giveSandbox } from '../project/worlds/early-sandbox.ts';
export { runCommandLine } from './command-line.ts';

/** See project/run.ts. When the first project is run, what is needed for that has been loaded. */
export async function runProject(request: RunRequest): Promise<ExitCode> {
  const emit: RunRequest['emit'] = (event) => {
    if (event.type === 'start') tuneEngine();
    request.emit(event);
  };
  return (await import('../project/run.ts')).runProject({ ...request, emit });
}

/** See project/worlds/library-host.ts. */
export async function openLibraryHost(post: Receive): Promise<Receive> {
  return (await import('../project/worlds/library-host.ts')).openLibraryHost(post);
}
