import { native } from './bridge.ts';

type Pair = [name: string, value: string];

/** The platform's URLSearchParams; the worker parses and encodes, this holds the list. */
export class URLSearchParams {
  #pairs: Pair[];
  /** Set by the URL that this belongs to. */
  onChange: (() => void) | undefined;

  constructor(init: string | Iterable<readonly string[]> | Record<string, unknown> = '') {
    Object.defineProperty(this, 'onChange', { value: undefined, writable: true, enumerable: false });
    this.#pairs = pairsOf(init);
  }

  get size(): number {
    return this.#pairs.length;
  }
  append(name: string, value: string): void {
    this.#change([...this.#pairs, [String(name), String(value)]]);
  }
  delete(name: string, value?: string): void {
    this.#change(this.#pairs.filter((pair) => !matches(pair, name, value)));
  }
  get(name: string): string | null {
    return this.#pairs.find((pair) => matches(pair, name))?.[1] ?? null;
  }
  getAll(name: string): string[] {
    return this.#pairs.filter((pair) => matches(pair, name)).map(([, value]) => value);
  }
  has(name: string, value?: string): boolean {
    return this.#pairs.some((pair) => matches(pair, name, value));
  }
  set(name: string, value: string): void {
    const first = this.#pairs.findIndex((pair) => matches(pair, name));
    if (first < 0) {
      this.append(name, value);
      return;
    }
    const kept = this.#pairs.filter((pair, index) => index === first || !matches(pair, name));
    this.#change(kept.map((pair) => (matches(pair, name) ? [pair[0], String(value)] : pair)));
  }
  sort(): void {
    this.#change([...this.#pairs].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  }
  forEach(visit: (value: string, name: string, params: URLSearchParams) => void): void {
    for (const [name, value] of this) visit(value, name, this);
  }
  *entries(): Generator<Pair> {
    for (let index = 0; index < this.#pairs.length; index++) yield [...(this.#pairs[index] as Pair)];
  }
  *keys(): Generator<string> {
    for (const [name] of this) yield name;
  }
  *values(): Generator<string> {
    for (const [, value] of this) yield value;
  }
  [Symbol.iterator](): Generator<Pair> {
    return this.entries();
  }
  toString(): string {
    return native('query.format', this.#pairs);
  }

  /** The URL got another query. */
  replace(query: string): void {
    this.#pairs = pairsOf(query);
  }

  #change(pairs: Pair[]): void {
    this.#pairs = pairs;
    this.onChange?.();
  }
}

function pairsOf(init: string | Iterable<readonly string[]> | Record<string, unknown>): Pair[] {
  if (typeof init !== 'object' || init === null) return native('query.parse', String(init));
  if (!(Symbol.iterator in init)) return Object.entries(init).map(([name, value]) => [name, String(value)]);
  return Array.from(init as Iterable<readonly string[]>, (pair) => {
    const [name, value, ...more] = pair;
    if (name === undefined || value === undefined || more.length > 0) throw new TypeError('URLSearchParams wants pairs of name and value');
    return [String(name), String(value)];
  });
}

function matches(pair: Pair, name: string, value?: string): boolean {
  return pair[0] === String(name) && (value === undefined || pair[1] === String(value));
}
