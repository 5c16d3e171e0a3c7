import { distance } from 'fastest-levenshtein';
import type * as z from 'zod/mini';
import { encoderShape, guardShape, keepShape, outputFileShape, projectShape, rootShape, versionsShape, volumeShape } from './option-schema.ts';
import { OptionError } from './option-error.ts';
import { Callback } from './wire-options.ts';

type Issue = z.core.$ZodIssue;

/** The first thing wrong with a project, said with the option's name, what it got and what it wants. Root URLs, which may hold passwords, are not repeated. */
export function optionErrorOf(issues: readonly Issue[], project: unknown): OptionError {
  const issue = telling(issues);
  if (issue.code === 'unrecognized_keys') return unknownOption([...issue.path, issue.keys[0] ?? '']);
  const option = optionName(issue.path);
  const value = valueAt(project, issue.path);
  const subject = option === '' ? 'the project' : `option "${option}"`;
  if (value === undefined) return new OptionError(option, `${subject} is missing; it wants ${issue.message}`);
  const got = issue.path[0] === 'roots' && typeof value === 'string' && value !== '' ? 'a text' : shown(value);
  return new OptionError(option, `${subject} is ${got}; it wants ${issue.message}`);
}

/** Where several forms are allowed and the value has one of them, the fault is inside that form. */
function telling(issues: readonly Issue[]): Issue {
  const [first] = issues;
  if (first === undefined) throw new RangeError('a failed check without an issue');
  if (first.code !== 'invalid_union') return first;
  const inner = first.errors.find((branch) => branch.some((issue) => issue.path.length > 0 || issue.code === 'unrecognized_keys'));
  const own = inner ?? first.errors.find((branch) => branch.some((issue) => issue.code === 'too_small'));
  if (own === undefined) return first;
  const unknown = own.find((issue) => issue.code === 'unrecognized_keys');
  const found = telling(unknown === undefined ? own : [unknown]);
  return { ...found, path: [...first.path, ...found.path] };
}

function unknownOption(path: readonly PropertyKey[]): OptionError {
  const option = optionName(path);
  const typed = String(path.at(-1));
  const names = knownNames(path);
  const close = closest(typed, names);
  const all = path.length === 1 ? 'the README lists all options' : `there are ${names.join(', ')}`;
  if (close === undefined) return new OptionError(option, `option "${option}" is unknown; ${all}`);
  const suggestion = optionName([...path.slice(0, -1), close]);
  return new OptionError(option, `option "${option}" is unknown; did you mean "${suggestion}"?`);
}

function knownNames(path: readonly PropertyKey[]): readonly string[] {
  if (path.length === 1) return Object.keys(projectShape);
  switch (path[0]) {
    case 'roots':
      return Object.keys(rootShape);
    case 'encoders':
      return Object.keys(encoderShape);
    case 'volumes':
      return Object.keys(volumeShape);
    case 'guard':
      return Object.keys(guardShape);
    case 'versions':
      return Object.keys(path.length === 2 ? versionsShape : keepShape);
    default:
      return Object.keys(outputFileShape);
  }
}

/** The known name that is a typing mistake away from `typed`; undefined when none is near enough to be meant. */
export function closest(typed: string, names: readonly string[]): string | undefined {
  let best: { name: string; far: number } | undefined;
  for (const name of names) {
    const far = distance(typed.toLowerCase(), name.toLowerCase());
    if (far <= Math.max(2, Math.floor(name.length / 3)) && (best === undefined || far < best.far)) best = { name, far };
  }
  return best?.name;
}

function optionName(path: readonly PropertyKey[]): string {
  return path.map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at > 0 ? '.' : ''}${String(part)}`)).join('');
}

function valueAt(project: unknown, path: readonly PropertyKey[]): unknown {
  let value = project;
  for (const part of path) value = value !== null && typeof value === 'object' ? (value as Record<PropertyKey, unknown>)[part] : undefined;
  return value;
}

/** A value for a message: short, and never the inside of an object, which might hold a password. */
export function shown(value: unknown): string {
  if (value === null) return 'null';
  if (value instanceof Callback) return 'a function';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value !== 'string') return String(value);
  const json = JSON.stringify(value);
  return json.length > 60 ? `${json.slice(0, 58)}…"` : json;
}
