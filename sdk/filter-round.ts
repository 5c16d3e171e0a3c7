import { entriesOf, NUMBER } from './filter-entry.ts';
import type { FilterQuestions, FilterVerdicts } from './filter-protocol.ts';
import type { FilterCallback, FilterEntry, FilterVerdict } from './project.ts';
import { valueNow } from './value-now.ts';

/** Says what is wrong with an answer that is no verdict, by throwing it. */
type Refuse = (answer: unknown, path: string) => never;
type Round = Generator<PromiseLike<FilterVerdict>, FilterVerdicts, FilterVerdict>;

/**
 * Puts a batch of questions to a callback, one after the other, each when the one before is answered. A promise only if the callback gave one. Throws, or rejects with,
 * what the callback threw.
 */
export function askAll(questions: FilterQuestions, ask: FilterCallback, refuse: Refuse): FilterVerdicts | Promise<FilterVerdicts> {
  const round = roundOf(questions, ask, refuse);
  const first = round.next();
  return first.done ? first.value : finish(round, first.value);
}

/** One `then` a promise: a generator's own `await` makes several promises of each. */
function finish(round: Round, first: PromiseLike<FilterVerdict>): Promise<FilterVerdicts> {
  return new Promise((resolve, reject) => {
    const wait = (answer: PromiseLike<FilterVerdict>) => void Promise.resolve(answer).then(goOn, reject);
    const goOn = (verdict: FilterVerdict) => {
      try {
        const { done, value } = round.next(verdict);
        if (done) resolve(value);
        else wait(value);
      } catch (error) {
        reject(error);
      }
    };
    wait(first);
  });
}

/** Each step of the inner loop costs as much as a line of a callback. Most answers say nothing: a verdict is written when there is one, with what was left out before it. */
function* roundOf({ directories, counts, names: joined, unasked, holders }: FilterQuestions, ask: FilterCallback, refuse: Refuse): Round {
  const names = joined.split('/');
  const entries = seesPathOnly(ask) ? undefined : entriesOf({ names, holders });
  const askOfPath = ask as (path: string) => unknown;
  let verdicts = '';
  let index = 0;
  let passed = 0;
  for (let place = 0; place < directories.length; place++) {
    const directory = directories[place] as string;
    const before = directory === '' ? '' : `${directory}/`;
    for (const end = index + (counts[place] as number); index < end; index++) {
      if (index === unasked[passed]) {
        passed++;
        continue;
      }
      const path = before + (names[index] as string);
      let verdict: unknown = entries === undefined ? askOfPath(path) : ask(path, { __proto__: entries, [NUMBER]: index } as object as FilterEntry);
      if (verdict === false || verdict === undefined) continue;
      if (typeof verdict === 'object') {
        verdict = valueNow(verdict);
        if (isThenable(verdict)) verdict = yield verdict;
      }
      if (verdict === false || verdict === undefined || verdict === null) continue;
      verdicts += silenceTo(index, verdicts) + (letterOf(verdict) ?? refuse(verdict, path));
    }
  }
  return verdicts + silenceTo(index, verdicts);
}

/** A function of one plain parameter, or of none, whose words name neither all that it was called with nor code that could: nothing in it can see a second argument. */
function seesPathOnly(ask: FilterCallback): boolean {
  const text = Function.prototype.toString.call(ask);
  return ONE_PARAMETER.test(text) && !SEES_MORE.test(text);
}
const ONE_PARAMETER = /^(?:async\s+)?(?:[\w$]+\s*=>|(?:function\b)?\s*[\w$]*\s*\(\s*(?:[\w$]+\s*)?\)\s*(?:=>|\{))/;
/** What the engine has of a bound function or of a Proxy is not its code. An escape may spell any word. */
const SEES_MORE = /\barguments\b|\beval\b|\[native code\]|\\u/;

function silenceTo(index: number, verdicts: FilterVerdicts): FilterVerdicts {
  return '-'.repeat(index - verdicts.length);
}

function letterOf(verdict: unknown): string | undefined {
  if (verdict === true || verdict === 'exclude') return 'x';
  return verdict === 'include' ? 'i' : undefined;
}

function isThenable(value: unknown): value is PromiseLike<FilterVerdict> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
