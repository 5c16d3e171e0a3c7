import type { RunEvent } from '../engine/events.ts';
import { isPrintable } from '../printable.ts';

/**
 * An event as one line of JSON, line feed included. Keys are always there: what is absent is null. Characters that would act on a terminal are
 * escaped, which changes nothing for a reader of JSON.
 */
export function jsonLine(event: RunEvent): string {
  const text = JSON.stringify(shaped(event));
  return `${isPrintable(text) ? text : text.replace(/[\u007f-\uffff]/g, escapeUnit)}\n`;
}

function shaped(event: RunEvent): object {
  switch (event.type) {
    case 'action': {
      const { op, path, from = null, to, reason, moved = null, size = null, kind } = event;
      return { type: 'action', op, path, from, to, reason, moved, size, kind };
    }
    case 'collision':
      return { type: 'collision', path: event.path, reason: event.reason, resolved: event.resolved ?? null };
    case 'problem':
      return { type: 'problem', path: event.path, root: event.root ?? null, code: event.code, message: event.message };
    case 'version': {
      const { op, path, root, shadow = null, stored = null, reason } = event;
      return { type: 'version', op, path, root, shadow, stored, reason };
    }
    default:
      return event;
  }
}

function escapeUnit(unit: string): string {
  return isPrintable(unit) ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
