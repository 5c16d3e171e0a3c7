import type { RunEvent } from '../../engine/events.ts';
import { ScriptTalk } from '../../sandbox/script-talk.ts';
import type { Receive } from '../../../sdk/transport.ts';
import { programFile } from './program-file.ts';
import { runProject } from '../run.ts';
import type { RunRequest } from '../run-request.ts';
import type { ScriptLife, ScriptWorld } from '../script-run.ts';
import { stacksOfNode } from './stacks-of-node.ts';

/**
 * The host of a program that uses the SDK as a library; resolves to what takes the SDK's messages. `post` brings it the answers. The program may do everything
 * that its user may: there is no wall, and nobody is asked.
 */
export async function openLibraryHost(post: Receive): Promise<Receive> {
  const life = await new Promise<ScriptLife>((ready, fail) => {
    const world: ScriptWorld = {
      sandboxed: false,
      // The program ends when it likes; then nothing of it is under way.
      run: (started) => new Promise(() => ready(started)),
    };
    runProject(libraryRequest(), world).catch(fail);
  });
  const talk = new ScriptTalk({
    host: life.host,
    stacks: stacksOfNode,
    post,
    fail: (error) => {
      throw error;
    },
  });
  return (text, bytes) => talk.take(text, bytes);
}

function libraryRequest(): RunRequest {
  const { path, directory, isFile } = programFile();
  const never = new AbortController().signal;
  return {
    source: isFile ? { kind: 'file', path } : { kind: 'text', text: '', directory },
    planFile: undefined,
    overrides: {},
    extraRoots: [],
    targetOnly: [],
    scriptArguments: process.argv.slice(2),
    grants: { all: true, read: [], write: [], net: [], run: [], env: [], secret: [] },
    ask: undefined,
    approve: undefined,
    audit: undefined,
    fsync: false,
    unsandboxed: true,
    scriptTimeoutMs: 0,
    scriptMemoryBytes: MEMORY_BYTES,
    emit: showLog,
    signal: never,
    killSignal: never,
  };
}

/** What of it a text and a file's bytes may have in one go stays below what Node can hold in one. */
const MEMORY_BYTES = 2 ** 31;

/** Of all that happens the program learns by results; what it says itself goes to its console. */
function showLog(event: RunEvent): void {
  if (event.type !== 'log') return;
  console[event.level](event.message);
}
