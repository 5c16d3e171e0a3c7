import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import type { ScriptFrame } from './script-error.ts';
import { SCRIPT_NAME } from './worker-messages.ts';

const FRAME = new RegExp(`^\\s*at (?:(.*?) )?\\(?${SCRIPT_NAME}:(\\d+):(\\d+)\\)?\\s*$`);
/** The same within other text, also within JSON, where line feeds are written out. */
const INLINE_FRAME = new RegExp(`((?:\\\\n)?[ \\t]*)(?:at (?:((?:(?:get|set|async) )?[^\\s()]+) )?)?\\(?${SCRIPT_NAME}:(\\d+):(\\d+)\\)?`, 'g');
const INLINE_NATIVE = /\\n[ \t]*at [^\s()]+ \((?:native|<anonymous>)\)/g;
const STACK_LINE = /^\s*at .*(?:\((?:native|<anonymous>)\)|native)\s*$/;

/** Names that the engine gives to what has none, and to what the bundler made. */
const NO_NAMES: ReadonlySet<string> = new Set(['<anonymous>', '<eval>', 'anonymous', 'sxrunScript']);

/** Finds the place in the script's sources for a place in the bundle. The map is parsed when it is first needed. */
export class ScriptMap {
  readonly #text: string;
  #parsed: TraceMap | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** The script's own frames of a stack as QuickJS words it; those of the SDK and of what the bundler adds are left out. */
  frames(stack: string): ScriptFrame[] {
    return stack.split('\n').flatMap((line) => this.#frame(line) ?? []);
  }

  /** Text that a script wrote, with stack lines in it told in terms of its sources. */
  translate(text: string): string {
    if (!text.includes(SCRIPT_NAME)) return text;
    const lines = text.split('\n').flatMap((line) => {
      if (!line.includes(SCRIPT_NAME)) return STACK_LINE.test(line) ? [] : [line];
      if (FRAME.test(line)) {
        const frame = this.#frame(line);
        return frame ? [`${/^\s*/.exec(line)?.[0] ?? ''}${formatFrame(frame)}`] : [];
      }
      return [
        line
          .replace(INLINE_NATIVE, '')
          .replace(INLINE_FRAME, (_, lead: string, name: string | undefined, at: string, column: string) =>
            this.#inline(lead, name, `${at}:${column}`),
          ),
      ];
    });
    return lines.join('\n');
  }

  /** Nothing for a frame that is none of the script's. */
  #inline(lead: string, name: string | undefined, place: string): string {
    const frame = this.#frame(name === undefined ? `at ${SCRIPT_NAME}:${place}` : `at ${name} (${SCRIPT_NAME}:${place})`);
    return frame ? `${lead}${formatFrame(frame)}` : '';
  }

  #frame(line: string): ScriptFrame | undefined {
    const [, name = '', bundleLine, bundleColumn] = FRAME.exec(line) ?? [];
    if (bundleLine === undefined || bundleColumn === undefined) return undefined;
    const place = originalPositionFor(this.#map(), { line: Number(bundleLine), column: Math.max(0, Number(bundleColumn) - 1) });
    if (place.source === null || place.source.startsWith('sxrun:')) return undefined;
    return { file: place.source, line: place.line, column: place.column + 1, name: NO_NAMES.has(name) ? '' : name };
  }

  #map(): TraceMap {
    this.#parsed ??= new TraceMap(this.#text);
    return this.#parsed;
  }
}

/** `at name (file:line:column)`. */
export function formatFrame({ name, file, line, column }: ScriptFrame): string {
  return name ? `at ${name} (${file}:${line}:${column})` : `at ${file}:${line}:${column}`;
}
