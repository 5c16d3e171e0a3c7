/** The platform's structuredClone for the kinds of values that exist here; functions, symbols, promises and weak collections are refused. */
export function structuredClone<Value>(value: Value): Value {
  return clone(value, new Map()) as Value;
}

const REFUSED = [Promise, WeakMap, WeakSet, WeakRef] as const;

function clone(value: unknown, seen: Map<object, unknown>): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') throw refusal(value);
  if (typeof value !== 'object' || value === null) return value;
  if (seen.has(value)) return seen.get(value);
  if (REFUSED.some((kind) => value instanceof kind)) throw refusal(value);
  const keep = <Copy extends object>(copy: Copy): Copy => {
    seen.set(value, copy);
    return copy;
  };
  if (value instanceof Date) return keep(new Date(value));
  if (value instanceof RegExp) return keep(new RegExp(value.source, value.flags));
  if (value instanceof Number || value instanceof String || value instanceof Boolean || value instanceof BigInt)
    return keep(Object(value.valueOf()) as object);
  if (value instanceof ArrayBuffer) return keep(value.slice(0));
  if (ArrayBuffer.isView(value)) return keep(cloneView(value, clone(value.buffer, seen) as ArrayBuffer));
  if (value instanceof Map) return fillMap(keep(new Map()), value, seen);
  if (value instanceof Set) return fillSet(keep(new Set()), value, seen);
  if (value instanceof Error) return cloneError(value, keep, seen);
  return copyProperties(value, keep(Array.isArray(value) ? new Array(value.length) : {}), seen);
}

function cloneView(view: ArrayBufferView, buffer: ArrayBuffer): ArrayBufferView {
  const Kind = view.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => ArrayBufferView;
  return new Kind(buffer, view.byteOffset, view instanceof DataView ? view.byteLength : (view as Uint8Array).length);
}

function fillMap(copy: Map<unknown, unknown>, from: Map<unknown, unknown>, seen: Map<object, unknown>): Map<unknown, unknown> {
  for (const [key, item] of [...from]) copy.set(clone(key, seen), clone(item, seen));
  return copy;
}

function fillSet(copy: Set<unknown>, from: Set<unknown>, seen: Map<object, unknown>): Set<unknown> {
  for (const item of [...from]) copy.add(clone(item, seen));
  return copy;
}

function cloneError(error: Error, keep: <Copy extends object>(copy: Copy) => Copy, seen: Map<object, unknown>): Error {
  const kinds = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError } as Record<string, ErrorConstructor | undefined>;
  const copy = keep(new (kinds[error.name] ?? Error)(error.message));
  Object.defineProperty(copy, 'stack', { value: error.stack, writable: true, configurable: true });
  if ('cause' in error) Object.defineProperty(copy, 'cause', { value: clone(error.cause, seen), writable: true, configurable: true });
  return copy;
}

function copyProperties(from: object, to: object, seen: Map<object, unknown>): object {
  for (const [name, item] of Object.entries(from)) {
    Object.defineProperty(to, name, { value: clone(item, seen), writable: true, enumerable: true, configurable: true });
  }
  return to;
}

function refusal(value: unknown): DOMException {
  return new DOMException(
    `${typeof value === 'object' ? Object.prototype.toString.call(value) : String(value)} could not be cloned.`,
    'DataCloneError',
  );
}
