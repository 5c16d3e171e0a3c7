import type { RunEvent } from '../engine/events.ts';
import type { Redactor } from '../redact.ts';

/** Words of ours, which stay whatever the secrets are. */
const WORDS: ReadonlySet<string> = new Set(['type', 'op', 'kind', 'cause', 'level', 'code', 'planId']);

/** The event as it may be shown. The same object where nothing in it is secret. */
export function redactEvent(event: RunEvent, { redact }: Pick<Redactor, 'redact'>): RunEvent {
  let shown: Record<string, unknown> | undefined;
  // Not by Object.entries: there is an event for each file.
  for (const name in event) {
    if (WORDS.has(name)) continue;
    const value: unknown = event[name as keyof RunEvent];
    const hidden = redactValue(value, redact);
    if (hidden !== value) shown = { ...(shown ?? event), [name]: hidden };
  }
  return (shown as RunEvent | undefined) ?? event;
}

function redactValue(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value);
  if (!Array.isArray(value)) return value;
  const hidden = value.map((item) => redactValue(item, redact));
  return hidden.every((item, index) => item === value[index]) ? value : hidden;
}
