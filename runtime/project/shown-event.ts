import type { RunEvent } from '../engine/events.ts';
import type { Redactor } from './redact.ts';

/** Words of ours, which stay whatever the secrets are. */
const WORDS: ReadonlySet<string> = new Set(['type', 'op', 'kind', 'cause', 'level', 'code', 'planId']);
/** Programs that read events look for these files: never cut. */
const PATHS: ReadonlySet<string> = new Set(['path', 'moved', 'stored']);

/** What is shown of a text, in characters; more than the longest path of any system. */
const MOST_SHOWN = 40_000;
/** Of what a script logs, which may be a report, and of a refusal, which ends with what to type. */
const MOST_OF_REPORTS = 200_000;

/** The event as it may be shown: without secrets, and of overlong texts the beginning. The same object where nothing in it is to be hidden. */
export function shownEvent(event: RunEvent, { redact }: Pick<Redactor, 'redact'>): RunEvent {
  const isReport = event.type === 'log' || (event.type === 'stopped' && event.cause === 'permission');
  const most = isReport ? MOST_OF_REPORTS : MOST_SHOWN;
  let shown: Record<string, unknown> | undefined;
  // Not by Object.entries: there is an event for each file.
  for (const name in event) {
    if (WORDS.has(name)) continue;
    const value: unknown = event[name as keyof RunEvent];
    const hidden = shownValue(value, redact, PATHS.has(name) ? Number.POSITIVE_INFINITY : most);
    if (hidden !== value) shown = { ...(shown ?? event), [name]: hidden };
  }
  return (shown as RunEvent | undefined) ?? event;
}

function shownValue(value: unknown, redact: (text: string) => string, most: number): unknown {
  // Secrets first: half a secret is none that is known.
  if (typeof value === 'string') return beginningOf(redact(value), most);
  if (!Array.isArray(value)) return value;
  const hidden = value.map((item) => shownValue(item, redact, most));
  return hidden.every((item, index) => item === value[index]) ? value : hidden;
}

function beginningOf(text: string, most: number): string {
  if (text.length <= most) return text;
  const isPair = /[\ud800-\udbff]/.test(text[most - 1] ?? '');
  return `${text.slice(0, isPair ? most - 1 : most)}… (${text.length} characters)`;
}
