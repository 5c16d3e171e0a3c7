import type { Problem } from '../../../sdk/project.ts';
import type { ActionEvent, Emit, ResultEvent } from '../../engine/events.ts';
import type { VersionChange } from '../../vfs/version-change.ts';
import type { ProjectRoot } from './open-roots.ts';

/** What a run does to the old versions that its roots keep; in a simulation, what it would. */
export class VersionReport {
  readonly #emit: Emit;
  #aside = 0;
  #removed = 0;
  /** Versions that were to be removed, and could not be. */
  readonly problems: Problem[] = [];

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  tell(root: number, { op, path, stored, reason }: VersionChange, shadow: string | undefined): void {
    if (op === 'stays') {
      const problem: Problem = { path, root, code: 'failed', message: shadow === undefined ? reason : `on the shadow ${shadow}: ${reason}` };
      this.problems.push(problem);
      this.#emit({ type: 'problem', ...problem, root });
      return;
    }
    if (op === 'note') return this.#emit({ type: 'detail', message: `root ${root}${shadow === undefined ? '' : `, shadow ${shadow}`}: ${reason}` });
    if (op === 'aside') this.#aside++;
    else this.#removed++;
    this.#emit({ type: 'version', op, path, root, stored, reason, ...(shadow === undefined ? {} : { shadow }) });
  }

  /** For the result. */
  get figures(): Pick<ResultEvent, 'versions'> {
    return this.#aside + this.#removed === 0 ? {} : { versions: { aside: this.#aside, removed: this.#removed } };
  }
}

/** Passes the events of a simulation on, and asks the roots what they would put aside because of them. */
export function foreseeing(roots: readonly ProjectRoot[], emit: Emit): Emit {
  return (event) => {
    emit(event);
    if (event.type === 'action') foresee(event, roots);
  };
}

function foresee({ op, path, kind, to, overwrites }: ActionEvent, roots: readonly ProjectRoot[]): void {
  const by = op === 'remove' ? 'removed' : op === 'move' ? 'moved' : op === 'replace' ? 'replaced' : 'overwritten';
  const gone = op === 'remove' || op === 'move' ? kind : overwrites;
  if (gone === undefined || gone === 'directory') return;
  for (const keeper of roots[to]?.keepers ?? []) keeper.foresee(path, gone, by);
}

/** At the end of a simulation: what the roots would remove of their versions. */
export async function foretell(roots: readonly ProjectRoot[]): Promise<void> {
  for (const { keepers } of roots) for (const keeper of keepers) await keeper.foretell();
}
