import { formatValues } from './format-value.ts';
import type { LogLevel } from './protocol.ts';
import { tellHost } from './transport.ts';

function logAt(level: LogLevel): (...values: unknown[]) => void {
  return (...values) => tellHost({ note: 'log', level, message: formatValues(values) });
}

/** The run's log. Values that are no text are shown as a console shows them. */
export const log = { info: logAt('info'), warn: logAt('warn'), error: logAt('error') };
