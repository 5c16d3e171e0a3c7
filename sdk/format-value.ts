const MAX_DEPTH = 4;
const MAX_ITEMS = 100;
const MAX_LINE = 100;

/** Values as a console shows them: texts as they are, joined by spaces; what comes after the stack of an error has a line of its own. */
export function formatValues(values: readonly unknown[]): string {
  let text = '';
  values.forEach((value, index) => {
    const before = index === 0 ? '' : isError(values[index - 1]) ? '\n' : ' ';
    text += before + (typeof value === 'string' ? value : formatValue(value));
  });
  return text;
}

/** Also of what throws when it is looked at, such as a revoked proxy. */
export function isError(value: unknown): value is Error {
  try {
    return value instanceof Error;
  } catch {
    return false;
  }
}

/** One value as it would be written in a script; texts in quotes. Long lists are cut. */
export function formatValue(value: unknown): string {
  return format(value, []);
}

/** What a script shows may throw at whoever looks at it: a getter, a proxy. */
function format(value: unknown, above: readonly object[]): string {
  try {
    return formatKind(value, above);
  } catch {
    return '[cannot be shown]';
  }
}

function formatKind(value: unknown, above: readonly object[]): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return `[function ${value.name || 'without name'}]`;
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value);
  if (above.includes(value)) return '[circular]';
  if (value instanceof Error) return formatError(value, above);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (value instanceof Promise) return '[promise]';
  return above.length >= MAX_DEPTH ? (Array.isArray(value) ? '[…]' : '{…}') : formatItems(value, [...above, value]);
}

function formatItems(value: object, above: readonly object[]): string {
  if (Array.isArray(value))
    return enclose(
      '[',
      cut(value, (item) => format(item, above)),
      ']',
    );
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    return `${value.constructor.name} ${enclose('[', cut(value as unknown as ArrayLike<unknown>, String), ']')}`;
  if (value instanceof Set)
    return `Set ${enclose(
      '{',
      cut([...value], (item) => format(item, above)),
      '}',
    )}`;
  if (value instanceof Map)
    return `Map ${enclose(
      '{',
      cut([...value], ([key, item]) => `${format(key, above)} => ${format(item, above)}`),
      '}',
    )}`;
  const plain = 'toJSON' in value && typeof value.toJSON === 'function' ? (value.toJSON as () => unknown)() : value;
  if (typeof plain !== 'object' || plain === null) return format(plain, above);
  const name = Object.getPrototypeOf(value) === null ? '' : (value.constructor?.name ?? '');
  const items = cut(
    Object.entries(plain),
    ([key, item]) => `${/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? key : quote(key)}: ${format(item, above)}`,
  );
  return `${name && name !== 'Object' ? `${name} ` : ''}${enclose('{', items, '}')}`;
}

function formatError(error: Error, above: readonly object[]): string {
  const head = error.message ? `${error.name}: ${error.message}` : error.name;
  const stack = String(error.stack ?? '');
  const frames = (stack.startsWith(head) ? stack.slice(head.length) : stack).replace(/^\n|\n+$/g, '');
  const cause = error.cause === undefined ? '' : `\n  cause: ${format(error.cause, [...above, error])}`;
  return `${head}${frames ? `\n${frames}` : ''}${cause}`;
}

function cut<Item>(items: ArrayLike<Item>, show: (item: Item) => string): string[] {
  const shown = Array.from({ length: Math.min(items.length, MAX_ITEMS) }, (_, index) => show(items[index] as Item));
  return items.length > MAX_ITEMS ? [...shown, `… ${items.length - MAX_ITEMS} more`] : shown;
}

function enclose(open: string, items: readonly string[], close: string): string {
  if (items.length === 0) return open + close;
  const line = `${open} ${items.join(', ')} ${close}`;
  if (line.length <= MAX_LINE && !line.includes('\n')) return line;
  return `${open}\n${items.map((item) => `  ${item.replaceAll('\n', '\n  ')}`).join(',\n')}\n${close}`;
}

function quote(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
