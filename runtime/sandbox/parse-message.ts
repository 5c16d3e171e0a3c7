import type { CollisionChoice } from '../../sdk/project.ts';
import {
  type FromScript,
  HOST_METHODS,
  type HostMethod,
  type HostNote,
  type Json,
  type LogLevel,
  type SyncRequest,
  type WireOption,
  type WireOptions,
  type WireTarget,
  type WireThrown,
} from '../../sdk/protocol.ts';
import { ScriptError } from './script-error.ts';
import type { FunctionCall, SyncCall } from './script-host.ts';

/** Projects in projects, lists in lists: nobody writes more. */
const MAX_DEPTH = 64;

const METHODS = Object.keys(HOST_METHODS) as readonly HostMethod[];
const LEVELS: readonly LogLevel[] = ['info', 'warn', 'error'];

export type Asked = Pick<SyncCall, 'kind' | 'method' | 'request'> | Pick<FunctionCall, 'kind' | 'method' | 'request'>;
export interface ParsedCall {
  readonly type: 'call';
  readonly id: number;
  readonly stack: string;
  readonly asked: Asked;
}
export type ParsedMessage = Exclude<FromScript, { type: 'call' }> | ParsedCall;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a message of the script. It may come from anything that runs in the sandbox, so all of it is copied into data without prototypes, and the shape is
 * checked, but for the request of a function and the bytes in it, which is the function's to check, as is what a message means. Throws ScriptError `protocol`.
 */
export function parseMessage(text: string, bytes?: Uint8Array): ParsedMessage {
  const message = fields(parseJson(text));
  switch (message['type']) {
    case 'call':
      return {
        type: 'call',
        id: count(message['id']),
        stack: string(message['stack']),
        asked: withAttached(asked(oneOf(METHODS, message['method']), message['request']), message['attached'], bytes),
      };
    case 'note':
      return { type: 'note', ...note(message) };
    case 'answer':
      return answer(message);
    default:
      throw wrong('its type');
  }
}

function asked(method: HostMethod, sent: unknown): Asked {
  return HOST_METHODS[method] === 'sync'
    ? { kind: 'sync', method: method as SyncCall['method'], request: request(sent) }
    : { kind: 'function', method: method as FunctionCall['method'], request: data(sent, 0) };
}

/** Puts the bytes in the place that the message names. */
function withAttached(call: Asked, name: unknown, bytes: Uint8Array | undefined): Asked {
  if (name === undefined) return call;
  const { request } = call;
  if (call.kind === 'sync' || bytes === undefined || typeof request !== 'object' || request === null) throw wrong('its bytes');
  return { ...call, request: record<Json | Uint8Array>([...Object.entries(request as Fields as Record<string, Json>), [string(name), bytes]]) };
}

/** Reads a `WireThrown` that the worker passes on. */
export function parseThrown(value: unknown): WireThrown {
  const thrown = fields(value);
  const call = thrown['call'] === undefined ? {} : { call: count(thrown['call']) };
  return { name: string(thrown['name']), message: string(thrown['message']), stack: string(thrown['stack']), ...call };
}

function note(message: Fields): HostNote {
  if (message['note'] === 'log') return { note: 'log', level: oneOf(LEVELS, message['level']), message: string(message['message']) };
  if (message['note'] === 'never-awaited')
    return { note: 'never-awaited', method: oneOf(METHODS, message['method']), stack: string(message['stack']) };
  if (message['note'] === 'simulation') return { note: 'simulation' };
  throw wrong('a note');
}

function answer(message: Fields): ParsedMessage {
  const id = count(message['id']);
  if (message['hook'] === 'filter') return { type: 'answer', id, hook: 'filter', verdicts: string(message['verdicts']) };
  if (message['hook'] === 'collision') return { type: 'answer', id, hook: 'collision', choice: choice(message['choice']) };
  if (message['hook'] === 'failed')
    return { type: 'answer', id, hook: 'failed', error: parseThrown(message['error']), definedAt: string(message['definedAt']) };
  throw wrong('an answer');
}

function choice(value: unknown): CollisionChoice {
  if (typeof value === 'object') return { use: count(fields(value)['use']) };
  return oneOf(['report', 'newest', 'keepBoth', 'skip'] as const, value);
}

function request(value: unknown): SyncRequest {
  const { target: wanted, overrides, figuresOnly, later } = fields(value);
  return {
    target: target(wanted, 0),
    overrides: options(overrides, 0),
    ...(figuresOnly === true ? { figuresOnly } : {}),
    ...(later === undefined ? {} : { later: list(later).map((one) => target(one, 0)) }),
  };
}

function target(value: unknown, depth: number): WireTarget {
  const given = fields(value);
  if (given['kind'] === 'file') return { kind: 'file', path: string(given['path']), ...optionalText('from', given['from']) };
  if (given['kind'] === 'project') {
    return {
      kind: 'project',
      options: options(given['options'], depth),
      ...optionalText('file', given['file']),
      ...optionalText('definedAt', given['definedAt']),
    };
  }
  throw wrong('a project');
}

function options(value: unknown, depth: number): WireOptions {
  return record(Object.entries(fields(value)).map(([name, item]) => [name, option(item, depth)]));
}

function option(value: unknown, depth: number): WireOption {
  if (depth > MAX_DEPTH) throw wrong('the depth of a project');
  const given = fields(value);
  switch (given['kind']) {
    case 'data':
      return { kind: 'data', value: data(given['value'], depth) };
    case 'date':
      return { kind: 'date', ms: finite(given['ms']) };
    case 'callback':
      return { kind: 'callback', number: count(given['number']) };
    case 'projects':
      return { kind: 'projects', projects: list(given['projects']).map((project) => target(project, depth + 1)) };
    default:
      throw wrong('an option');
  }
}

function data(value: unknown, depth: number): Json {
  if (depth > MAX_DEPTH) throw wrong('the depth of an option');
  if (typeof value !== 'object' || value === null) return value as Json;
  if (Array.isArray(value)) return value.map((item) => data(item, depth + 1));
  return record(Object.entries(value).map(([name, item]) => [name, data(item, depth + 1)]));
}

function optionalText<Name extends string>(name: Name, value: unknown): { [Key in Name]?: string } {
  return (value === undefined ? {} : { [name]: string(value) }) as { [Key in Name]?: string };
}

function record<Value>(entries: readonly (readonly [string, Value])[]): Record<string, Value> {
  const result = Object.create(null) as Record<string, Value>;
  for (const [name, value] of entries) result[name] = value;
  return result;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw wrong('its JSON');
  }
}

function fields(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong('an object');
  return value as Fields;
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw wrong('a list');
  return value;
}

function string(value: unknown): string {
  if (typeof value !== 'string') throw wrong('a text');
  return value;
}

function finite(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong('a number');
  return value;
}

function count(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw wrong('a count');
  return value as number;
}

function oneOf<const Name extends string>(names: readonly Name[], value: unknown): Name {
  const found = names.find((name) => name === value);
  if (found === undefined) throw wrong(`one of ${names.join(', ')}`);
  return found;
}

function wrong(what: string): ScriptError {
  return new ScriptError(
    'protocol',
    `the script sent a message that the SDK does not send (wrong: ${what}); does a package replace parts of the language?`,
  );
}
