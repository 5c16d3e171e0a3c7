import { runByItself, scriptDecided } from '../../../sdk/sync.ts';
import type { Facts } from '../../../sdk/protocol.ts';
import type { Project } from '../../../sdk/project.ts';
import { connect, pendingCalls, reportNeverAwaited } from '../../../sdk/transport.ts';
import { stampProjects } from '../../../sdk/define-project.ts';
import { bridge } from './bridge.ts';

/* The first module of every bundle: ties the SDK to the bridge before any of the script's own modules runs. */
const receive = connect({ facts: JSON.parse(bridge.facts) as Facts, send: (text) => bridge.send(text) });
bridge.offer({ receive, pendingCalls, ended: reportNeverAwaited });
Reflect.deleteProperty(globalThis, 'sxrunBridge');

/** Runs the script's default export, unless the script has decided itself what is run. */
export async function runDefault(exported: unknown, file: string): Promise<void> {
  stampProjects(exported, file);
  if (scriptDecided()) return;
  if (exported === undefined) throw new NothingToRun();
  await runByItself(exported as Project);
}

class NothingToRun extends Error {
  override readonly name = 'NothingToRun';
  constructor() {
    super('nothing to run: write "export default defineProject({ roots: [...] })", or call sync.do(...)');
  }
}
