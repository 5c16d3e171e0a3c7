import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import type { AnyNode, Expression, Node } from 'acorn';
import { type Loader, transform } from 'esbuild';

/**
 * An `import(…)` or `require(…)` of a name that only a run computes. Where the name begins with `./` or `../`, esbuild would walk through all folders below, wherever they lie, and
 * take every file that fits.
 */
export interface ComputedImport {
  readonly isRequire: boolean;
  /** In the text as it was written; line from 1, column from 0. */
  readonly line: number;
  readonly column: number;
}

interface ComputedImports {
  readonly imports: readonly ComputedImport[];
  /** The module as JavaScript in which nothing is walked through for its sake: these imports fail when they are run. */
  readonly withoutWalks: string;
}

/** undefined: there are none, or esbuild cannot read the text and will say why. Throws a SyntaxError for what esbuild can read and acorn cannot. */
export async function computedImports(text: string, loader: Loader): Promise<ComputedImports | undefined> {
  if (!MAYBE.test(text)) return undefined;
  const plain = await plainCode(text, loader);
  if (plain === undefined) return undefined;
  const found: Found[] = [];
  collect(await programOf(plain.code), found);
  if (found.length === 0) return undefined;
  const map = new TraceMap(plain.map);
  const imports = found.map(({ isRequire, start }): ComputedImport => {
    const { line, column } = originalPositionFor(map, start);
    return { isRequire, line: line ?? 1, column: column ?? 0 };
  });
  return { imports, withoutWalks: withHiddenNames(plain.code, found) };
}

/** A call with anything but one literal, a comment on the way to the brackets, or letters written as escapes. Parsing takes its time, and hardly any module has such a thing. */
const MAYBE = /\b(?:import|require)\s*(?:\/[/*]|\((?!\s*(?:'[^'\\\n]*'|"[^"\\\n]*")\s*[,)]))|\\u[\w{}\\]*\s*(?:\(|\/[/*])/;

async function plainCode(text: string, loader: Loader): Promise<{ readonly code: string; readonly map: string } | undefined> {
  try {
    return await transform(text, {
      loader,
      target: 'es2022',
      sourcemap: 'external',
      sourcesContent: false,
      charset: 'utf8',
      logLevel: 'silent',
      tsconfigRaw: '{}',
    });
  } catch {
    // The same errors come from the bundling, with their places.
    return undefined;
  }
}

/** Modules of CommonJS may be written in ways that modules of ECMAScript may not. */
async function programOf(code: string): Promise<Node> {
  const { parse } = await import('acorn');
  const options = { ecmaVersion: 'latest', allowHashBang: true, allowReturnOutsideFunction: true, locations: true } as const;
  try {
    return parse(code, { ...options, sourceType: 'module' });
  } catch {
    return parse(code, { ...options, sourceType: 'script' });
  }
}

interface Found {
  readonly isRequire: boolean;
  readonly start: { readonly line: number; readonly column: number };
  readonly name: Expression;
}

function collect(node: Node, found: Found[]): void {
  const one = node as AnyNode;
  const start = node.loc?.start ?? { line: 1, column: 0 };
  if (one.type === 'ImportExpression' && !isFixed(one.source)) found.push({ isRequire: false, start, name: one.source });
  if (one.type === 'CallExpression' && one.callee.type === 'Identifier' && one.callee.name === 'require') {
    const [name] = one.arguments;
    if (name !== undefined && name.type !== 'SpreadElement' && walksFolders(name)) found.push({ isRequire: true, start, name });
  }
  for (const child of Object.values(node).flat()) if (isNode(child)) collect(child, found);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

/** A choice between literals is one: esbuild takes both. */
function isFixed(name: Expression): boolean {
  if (name.type === 'ConditionalExpression') return isFixed(name.consequent) && isFixed(name.alternate);
  return name.type === 'Literal' || (name.type === 'TemplateLiteral' && name.expressions.length === 0);
}

function walksFolders(name: Expression): boolean {
  if (name.type === 'ConditionalExpression') return walksFolders(name.consequent) || walksFolders(name.alternate);
  return !isFixed(name) && /^\.\.?(?:\/|$)/.test(beginningOf(name).text);
}

/** The text that a sum or template begins with, and whether that is all of it. */
function beginningOf(name: Node): { readonly text: string; readonly isAll: boolean } {
  const one = name as AnyNode;
  if (one.type === 'Literal') return { text: String(one.value), isAll: true };
  const parts =
    one.type === 'BinaryExpression' && one.operator === '+' ? [one.left, one.right] : one.type === 'TemplateLiteral' ? templateParts(one) : [];
  let text = '';
  for (const part of parts) {
    const beginning = typeof part === 'string' ? { text: part, isAll: true } : beginningOf(part);
    text += beginning.text;
    if (!beginning.isAll) return { text, isAll: false };
  }
  return { text, isAll: parts.length > 0 };
}

function templateParts({ quasis, expressions }: Extract<AnyNode, { type: 'TemplateLiteral' }>): (string | Node)[] {
  return quasis.flatMap(({ value }, index) => [value.cooked ?? '', ...(expressions[index] === undefined ? [] : [expressions[index]])]);
}

/** A name behind a comma is none that esbuild looks at. */
function withHiddenNames(code: string, found: readonly Found[]): string {
  let text = '';
  let at = 0;
  for (const { name } of [...found].sort((a, b) => a.name.start - b.name.start)) {
    if (name.start < at) continue;
    text += `${code.slice(at, name.start)}(0, ${code.slice(name.start, name.end)})`;
    at = name.end;
  }
  return text + code.slice(at);
}
