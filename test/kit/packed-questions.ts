import type { FilterQuestions } from '../../sdk/filter-protocol.ts';
import type { FilterEntry } from '../../sdk/project.ts';

const KINDS = { file: 1, directory: 2, link: 3, other: 4 } as const;

type Holder = FilterEntry['at'][number];

/** A question to a filter callback: what each root has at the path. */
export interface Question {
  readonly path: string;
  readonly at: FilterEntry['at'];
}

/** As the engine packs them, but for a directory of its own for each question. */
export function packedQuestions(questions: readonly Question[]): FilterQuestions {
  const holders = questions.flatMap(({ at }) => [newest(at), ...at].flatMap(numbersOf));
  return {
    directories: questions.map(({ path }) => path.slice(0, Math.max(path.lastIndexOf('/'), 0))),
    counts: questions.map(() => 1),
    names: questions.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)).join('/'),
    unasked: [],
    holders: Float64Array.from(holders),
  };
}

function newest(at: Question['at']): Holder {
  const time = (holder: Holder) => holder?.modified?.getTime() ?? Number.NEGATIVE_INFINITY;
  const [first = null, ...others] = at.filter((holder) => holder !== null);
  return others.reduce((best, holder) => (time(holder) > time(best) ? holder : best), first);
}

function numbersOf(holder: Holder): number[] {
  return holder ? [KINDS[holder.kind], holder.size ?? Number.NaN, holder.modified?.getTime() ?? Number.NaN] : [0, Number.NaN, Number.NaN];
}
