import type { Callbacks } from './callbacks.ts';
import { definitionOf, projectFileOf } from './define-project.ts';
import { formatValue } from './format-value.ts';
import type { Json, WireOption, WireOptions, WireTarget } from './protocol.ts';
import { SyncError } from './sync-error.ts';

/** Lists in lists, projects in projects: nobody writes more. */
const MOST_DEPTH = 50;

/** The projects around a project. */
interface Outer {
  /** The file that names them; absent: the script's own. */
  readonly from?: string;
  readonly above?: readonly object[];
}

/**
 * A project, or the path of a project file, in the form in which it crosses the wall. Callbacks stay here under numbers.
 * What an option means is for the host to check; here only what cannot cross is refused (SyncError `options`).
 */
export function serializeTarget(target: unknown, callbacks: Callbacks, { from, above = [] }: Outer = {}): WireTarget {
  refuseOther(target);
  if (typeof target === 'string') return { kind: 'file', path: target, ...(from === undefined ? {} : { from }) };
  if (above.includes(target)) throw refusal('a project is among its own subSyncs');
  if (above.length > MOST_DEPTH) throw refusal(`subSyncs are nested more than ${MOST_DEPTH} deep`);
  const file = projectFileOf(target) ?? from;
  const definedAt = definitionOf(target);
  const facts = { ...(file === undefined ? {} : { file }), ...(definedAt ? { definedAt } : {}) };
  return {
    kind: 'project',
    ...facts,
    options: serializeOptions(target, callbacks, { ...(file === undefined ? {} : { from: file }), above: [...above, target] }),
  };
}

/** Before the first of a list is run, all of it must be something that can be run. */
export function refuseOthers(targets: readonly unknown[]): void {
  for (const [index, target] of targets.entries()) refuseOther(target, ` at [${index}] of the list`);
}

function refuseOther(target: unknown, where = ' here'): asserts target is string | object {
  if (typeof target === 'string' ? target !== '' : isPlain(target)) return;
  throw refusal(`a project or the path of a project file is wanted${where}, this is ${describe(target)}${orCall(target)}`);
}

export function serializeOptions(options: object, callbacks: Callbacks, outer: Outer = {}): WireOptions {
  if (!isPlain(options))
    throw refusal(`the options that replace the project's are ${describe(options)}; they are an object such as { simulation: true }`);
  const wire: Record<string, WireOption> = {};
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    Object.defineProperty(wire, name, { value: serializeOption(name, value, callbacks, outer), enumerable: true });
  }
  return wire;
}

function serializeOption(name: string, value: unknown, callbacks: Callbacks, outer: Outer): WireOption {
  if (typeof value === 'function') return { kind: 'callback', number: callbacks.add(name, value as (...values: never[]) => unknown) };
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw refusal(`option "${name}" is an invalid Date; write it like new Date('2024-01-31T15:00')`);
    return { kind: 'date', ms: value.getTime() };
  }
  if (name === 'subSyncs' && Array.isArray(value)) {
    return { kind: 'projects', projects: value.map((project) => serializeTarget(project, callbacks, outer)) };
  }
  return { kind: 'data', value: toJson(value, name, []) };
}

function toJson(value: unknown, where: string, above: readonly object[]): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value !== 'object' || value instanceof Date) throw refusal(`option "${where}" cannot be ${describe(value)}${orPattern(value)}`);
  if (above.includes(value)) throw refusal(`option "${where}" holds itself`);
  if (above.length > MOST_DEPTH) throw refusal(`option "${where.split(/[.[]/)[0]}" is nested more than ${MOST_DEPTH} deep`);
  const here = [...above, value];
  if (Array.isArray(value)) return value.map((item, index) => toJson(item, `${where}[${index}]`, here));
  if (!isPlain(value)) throw refusal(`option "${where}" cannot be ${describe(value)}${orPattern(value)}`);
  const copy: Record<string, Json> = {};
  for (const [name, item] of Object.entries(value)) {
    if (item !== undefined) Object.defineProperty(copy, name, { value: toJson(item, `${where}.${name}`, here), enumerable: true });
  }
  return copy;
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function describe(value: unknown): string {
  if (value instanceof Promise) return 'a promise (write await before it)';
  if (typeof value === 'function') return `a function (${value.name || 'without name'})`;
  return value === undefined ? 'undefined (does the imported file have a default export?)' : formatValue(value);
}

/** People export the function that makes the project. */
function orCall(value: unknown): string {
  return typeof value === 'function' ? '; export what it returns: call it' : '';
}

function orPattern(value: unknown): string {
  return value instanceof RegExp ? '; write a pattern such as "*.bak", or decide in isExclude(path)' : '';
}

function refusal(message: string): SyncError {
  return new SyncError('options', message);
}
