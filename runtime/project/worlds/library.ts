import { defineProjectIn } from '../../../sdk/define-project.ts';
import type { Project } from '../../../sdk/project.ts';
import type { Facts } from '../../../sdk/protocol.ts';
import { runDefault } from '../../../sdk/run-default.ts';
import { thrownOf } from '../../../sdk/thrown.ts';
import { connect, type Receive, reportNeverAwaited } from '../../../sdk/transport.ts';
import { attachOfProcess } from './script-ways.ts';
import { programFile } from './program-file.ts';
import { stacksOfNode } from './stacks-of-node.ts';

/*
 * What `import … from 'sxrun'` is in plain Node: the same SDK. In a run of `sxrun --unsandboxed` it talks to that run; in any other program to a host that is
 * loaded with the first call.
 */
export * from '../../../sdk/index.ts';

/**
 * Types a project and returns it; nothing is run and nothing is looked at yet. Relative paths in it are relative to the file that this is written in.
 */
export function defineProject(project: Project): Project {
  const [caller] = stacksOfNode.frames(new Error().stack ?? '');
  return defineProjectIn(caller?.file ?? programFile().path)(project);
}

const attach = attachOfProcess();
if (attach === undefined) connectToOwnHost();
else attach({ connect, runDefault, reportNeverAwaited, thrownOf });

function connectToOwnHost(): void {
  const { path, directory } = programFile();
  const facts: Facts = { simulation: false, args: process.argv.slice(2), projectFile: path, projectDir: directory, sandboxed: false };
  let last: Promise<Receive> | undefined;
  const receive = connect({
    facts,
    send: (text, bytes) => {
      const copy = bytes && new Uint8Array(bytes);
      last ??= import('./library-host.ts').then(({ openLibraryHost }) => openLibraryHost(receive));
      void last.then((take) => take(text, copy));
    },
  });
}
