import { formatValue, formatValues } from '../../../sdk/format-value.ts';
import type { LogLevel } from '../../../sdk/protocol.ts';
import { bridge } from './bridge.ts';

let indent = '';
const started = new Map<string, number>();

function sayAt(level: LogLevel): (...values: unknown[]) => void {
  return (...values) => {
    const message = formatValues(values).replaceAll('\n', `\n${indent}`);
    bridge.send(JSON.stringify({ type: 'note', note: 'log', level, message: indent + message }));
  };
}
const info = sayAt('info');
const error = sayAt('error');
const elapsed = (label: string) => info(`${label}: ${(performance.now() - (started.get(label) ?? performance.now())).toFixed(1)} ms`);

/** `console.*` goes into the run's log. */
export const console = {
  log: info,
  info,
  debug: info,
  warn: sayAt('warn'),
  error,
  trace: (...values: unknown[]) => info(...values, `\n${new Error().stack ?? ''}`),
  dir: (value: unknown) => info(formatValue(value)),
  table: (value: unknown) => info(formatValue(value)),
  assert: (claim: unknown, ...values: unknown[]) => {
    if (!claim) error('assertion failed', ...values);
  },
  group: (...values: unknown[]) => {
    if (values.length > 0) info(...values);
    indent += '  ';
  },
  groupEnd: () => {
    indent = indent.slice(2);
  },
  time: (label = 'default') => void started.set(label, performance.now()),
  timeLog: (label = 'default') => elapsed(label),
  timeEnd: (label = 'default') => {
    elapsed(label);
    started.delete(label);
  },
};
