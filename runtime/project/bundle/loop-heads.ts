import { decodedMappings, encodedMappings, type SourceMapSegment, TraceMap } from '@jridgewell/trace-mapping';
import type { AnyNode, ForOfStatement, Node } from 'acorn';

interface Output {
  readonly code: string;
  readonly map: string;
}

/**
 * QuickJS cannot compile a generator with a `yield` in the head of a `for … of` ("stack underflow": it takes the loop for one that has begun; quickjs-ng, issue
 * 717 and pull request 1396), and every async function is a generator here. What such a loop goes through is therefore evaluated before it: `for (const a of
 * yield b) …` becomes `{const sxrunOf0 = yield b; for (const a of sxrunOf0) …}`. The map goes along.
 */
export async function withYieldsBeforeLoops({ code, map }: Output): Promise<Output> {
  if (!MAYBE.test(code)) return { code, map };
  const { parse } = await import('acorn');
  const loops = loopsIn(parse(code, { ecmaVersion: 'latest' }));
  return loops.length === 0 ? { code, map } : joined(code, map, piecesOf({ from: 0, to: code.length }, loops, { count: 0 }));
}

/** As esbuild words loops: a head with a `yield`, or one that goes on in the next line. Parsing takes its time, and most scripts have neither. */
const MAYBE = /\bfor \([^\n]*? of (?:[^\n]*\byield\b|[^\n]*(?<!\) )[^\n)]$)/m;

interface Range {
  readonly from: number;
  readonly to: number;
}

interface Loop extends Range {
  /** What it goes through. */
  readonly over: Range;
}

/** Text of ours, or a part of the code. */
type Piece = string | Range;

/** In the order of their beginnings, labels included. */
function loopsIn(program: Node): Loop[] {
  const found: Loop[] = [];
  const visit = (node: Node, from: number | undefined) => {
    const { type } = node as AnyNode;
    if (type === 'ForOfStatement') {
      const { right, start, end } = node as ForOfStatement;
      if (hasYield(right)) found.push({ from: from ?? start, to: end, over: rangeOf(right) });
    }
    for (const child of childrenOf(node)) visit(child, type === 'LabeledStatement' ? (from ?? node.start) : undefined);
  };
  visit(program, undefined);
  return found;
}

function rangeOf({ start, end }: Node): Range {
  return { from: start, to: end };
}

/** Of the generator itself, not of a function in it. */
function hasYield(node: Node): boolean {
  const { type } = node as AnyNode;
  if (type === 'YieldExpression') return true;
  if (type === 'FunctionExpression' || type === 'ArrowFunctionExpression') return false;
  return childrenOf(node).some(hasYield);
}

function childrenOf(node: Node): Node[] {
  return Object.values(node).flat().filter(isNode);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

/** A part of the code, with all loops that lie in it mended. */
function piecesOf({ from, to }: Range, loops: readonly Loop[], names: { count: number }): Piece[] {
  const pieces: Piece[] = [];
  let at = from;
  for (const loop of loops) {
    if (loop.from < at || loop.to > to) continue;
    const name = `sxrunOf${names.count++}`;
    const within = (range: Range) => piecesOf(range, loops, names);
    pieces.push({ from: at, to: loop.from }, `{const ${name} = `, ...within(loop.over), '; ');
    pieces.push(...within({ from: loop.from, to: loop.over.from }), name, ...within({ from: loop.over.to, to: loop.to }), '}');
    at = loop.to;
  }
  return [...pieces, { from: at, to }];
}

function joined(code: string, map: string, pieces: readonly Piece[]): Output {
  const starts = lineStartsOf(code);
  const segments = decodedMappings(new TraceMap(map)).flatMap((line, number) =>
    line.map((segment) => ({ at: (starts[number] ?? 0) + segment[0], segment })),
  );
  const lines: SourceMapSegment[][] = [[]];
  let text = '';
  let lineStart = 0;
  const add = (part: string) => {
    for (let end = part.indexOf('\n'); end >= 0; end = part.indexOf('\n', end + 1)) {
      lines.push([]);
      lineStart = text.length + end + 1;
    }
    text += part;
  };
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      add(piece);
      continue;
    }
    let at = piece.from;
    for (let next = firstFrom(segments, at); (segments[next]?.at ?? piece.to) < piece.to; next++) {
      const { at: start, segment } = segments[next] as (typeof segments)[number];
      add(code.slice(at, start));
      at = start;
      lines.at(-1)?.push([text.length - lineStart, ...segment.slice(1)] as unknown as SourceMapSegment);
    }
    add(code.slice(at, piece.to));
  }
  const moved = new TraceMap({ ...(JSON.parse(map) as { version: 3; sources: string[]; names: string[] }), mappings: lines });
  return { code: text, map: JSON.stringify({ ...(JSON.parse(map) as object), mappings: encodedMappings(moved) }) };
}

function lineStartsOf(code: string): number[] {
  const starts = [0];
  for (let end = code.indexOf('\n'); end >= 0; end = code.indexOf('\n', end + 1)) starts.push(end + 1);
  return starts;
}

/** The index of the first one that lies there or behind. */
function firstFrom(segments: readonly { readonly at: number }[], at: number): number {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((segments[middle]?.at ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
