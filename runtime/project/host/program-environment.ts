import type { Broker } from '../../permissions/broker.ts';
import { childEnvironment } from '../../permissions/child-environment.ts';
import { pathEntries } from '../../permissions/program.ts';

/** What programs of a run get to know of our environment. Its PATH has no folder that the script could put a program in. */
export function environmentOfPrograms(broker: Pick<Broker, 'couldReplace'>): Record<string, string> {
  const folders = pathEntries(process.env).filter((folder) => !broker.couldReplace(folder));
  return childEnvironment(process.env, folders);
}
