import { createRequire, register } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { WireThrown } from '../../../sdk/protocol.ts';
import { runDefault } from '../../../sdk/run-default.ts';
import { thrownOf } from '../../../sdk/thrown.ts';
import { connect, type Receive, reportNeverAwaited } from '../../../sdk/transport.ts';
import { ScriptError, type ScriptErrorCode } from '../../sandbox/script-error.ts';
import type { ScriptEnd } from '../../sandbox/script-host.ts';
import { crashed, ScriptTalk } from '../../sandbox/script-talk.ts';
import { consoleToLog } from './console-to-log.ts';
import { type ScriptWays, setAttach } from './script-ways.ts';
import type { ScriptLife, ScriptWorld } from '../script-run.ts';
import { stacksOfNode } from './stacks-of-node.ts';

/**
 * `--unsandboxed`: the script runs in this process, with all of Node's API, its TypeScript read by tsx. Nothing contains it, and an endless loop in it ends only with the process.
 * `onModule` hears of each file that is loaded for it.
 */
export function plainWorld(file: string, onModule: (path: string) => void): ScriptWorld {
  return { sandboxed: false, run: (life) => new PlainScript(file, life, onModule).run() };
}

class PlainScript {
  readonly #file: string;
  readonly #life: ScriptLife;
  readonly #onModule: (path: string) => void;
  readonly #talk: ScriptTalk;
  readonly #ended: Promise<ScriptEnd>;
  #end: (end: ScriptEnd) => void = () => undefined;
  /** Those of the script's own copy of the SDK, once it has loaded one. */
  #ways: ScriptWays = { connect, runDefault, reportNeverAwaited, thrownOf };
  #receive: Receive = () => undefined;

  constructor(file: string, life: ScriptLife, onModule: (path: string) => void) {
    this.#file = file;
    this.#onModule = onModule;
    this.#life = life;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#talk = new ScriptTalk({
      host: life.host,
      stacks: stacksOfNode,
      post: (text, bytes) => this.#receive(text, bytes),
      fail: (error) => this.#end({ end: 'failed', error, cause: undefined }),
    });
  }

  async run(): Promise<ScriptEnd> {
    const { signal } = this.#life;
    const abort = () => this.#end({ end: 'aborted' });
    signal.addEventListener('abort', abort);
    const release = this.#catchAll();
    const giveBack = consoleToLog((level, message) => this.#life.host.log(level, message));
    this.#attach(this.#ways);
    setAttach((ways) => this.#attach(ways));
    try {
      if (signal.aborted) return { end: 'aborted' };
      return await Promise.race([this.#ended, this.#runToIdle()]);
    } finally {
      setAttach(undefined);
      release();
      giveBack();
      signal.removeEventListener('abort', abort);
      this.#talk.end(new ScriptError('crashed', 'the script has ended'));
      this.#life.host.over();
      await this.#talk.callsSettled();
    }
  }

  #attach(ways: ScriptWays): void {
    this.#ways = ways;
    this.#receive = ways.connect({ facts: this.#life.facts, send: (text, bytes) => this.#talk.take(text, bytes && new Uint8Array(bytes)) });
  }

  async #runToIdle(): Promise<ScriptEnd> {
    let isDone = false;
    const main = this.#main().then(
      () => {
        isDone = true;
      },
      (error: unknown) => this.#thrown(error),
    );
    // Nothing is left that could go on: no call, no timer, no server of the script's own.
    await new Promise((idle) => process.once('beforeExit', idle));
    if (!isDone) {
      const error = new ScriptError('stuck', 'the script awaits something that can never happen: no call and no timer is left to settle it');
      return { end: 'failed', error, cause: undefined };
    }
    await main;
    this.#ways.reportNeverAwaited();
    return { end: 'finished' };
  }

  async #main(): Promise<void> {
    register(HOOKS, { data: { sdk: libraryUrl() } });
    const { tsImport } = await loadTsx();
    const onImport = (url: string) => {
      if (url.startsWith('file:')) this.#onModule(fileURLToPath(url));
    };
    const module = (await tsImport(pathToFileURL(this.#file).href, { parentURL: import.meta.url, onImport })) as { readonly default?: unknown };
    await this.#ways.runDefault(module.default, this.#file);
  }

  /** Errors that nothing of the script catches are the script's. */
  #catchAll(): () => void {
    const before = process.listeners('uncaughtException');
    const caught = (error: unknown) => this.#thrown(error);
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', caught);
    process.on('unhandledRejection', caught);
    return () => {
      process.off('uncaughtException', caught);
      process.off('unhandledRejection', caught);
      for (const listener of before) process.on('uncaughtException', listener);
    };
  }

  #thrown(error: unknown): void {
    const thrown = this.#ways.thrownOf(error);
    const unreadable = unreadableIn(error);
    if (unreadable !== undefined) return this.#end({ end: 'failed', error: unreadable, cause: undefined });
    if (thrown.name === 'NothingToRun') return this.#fail('nothing-to-run', { ...thrown, message: thrown.message.replace(/^NothingToRun: /, '') });
    // What the SDK says about a default export has no line of the script.
    const isAboutScript = thrown.call !== undefined || thrown.name === 'SyncError';
    const isScripts = !(error instanceof Error) || isAboutScript || stacksOfNode.frames(thrown.stack).length > 0;
    if (isScripts) this.#fail('thrown', thrown);
    else this.#end({ end: 'failed', error: crashed(error), cause: undefined });
  }

  #fail(code: ScriptErrorCode, thrown: WireThrown): void {
    this.#end(this.#talk.thrownEnd(thrown, [code, thrown.message]));
  }
}

/**
 * Runs in Node's thread for module hooks, before tsx's: `sxrun` is this program's own SDK wherever the project lies, and project files are ES modules
 * whatever the nearest package.json says.
 */
const HOOKS = `data:text/javascript,${encodeURIComponent(`
let sdk;
export function initialize(data) { sdk = data.sdk; }
export async function resolve(specifier, context, next) {
  if (specifier === 'sxrun') return { url: sdk, format: 'module', shortCircuit: true };
  const found = await next(specifier, context);
  const path = found.url.replace(/\\?.*$/, '');
  return path.endsWith('.ts') && !path.includes('/node_modules/') ? { ...found, format: 'module' } : found;
}`)}`;

/** The built command has no import() of Node's (scripts/build.ts), and tsx is to be imported. */
async function loadTsx(): Promise<typeof import('tsx/esm/api')> {
  const url = import.meta.url;
  return url.endsWith('.ts') ? import('tsx/esm/api') : createRequire(url)('./packages/tsx.cjs');
}

function libraryUrl(): string {
  const url = import.meta.url;
  return new URL(url.endsWith('.ts') ? './library.ts' : './sdk.js', url).href;
}

/** A file that cannot be loaded: tsx cannot read it, or Node does not find what it imports. undefined: that is not what happened. */
function unreadableIn(error: unknown): ScriptError | undefined {
  if (!(error instanceof Error)) return undefined;
  const [, file, line, column, text] = /^(.+):(\d+):(\d+): ERROR: (.*)$/m.exec(error.name === 'TransformError' ? error.message : '') ?? [];
  // esbuild counts columns from 0.
  if (file !== undefined) return new ScriptError('thrown', text ?? '', [{ file, line: Number(line), column: Number(column) + 1, name: '' }]);
  const { code } = error as { code?: unknown };
  const isImport =
    error instanceof SyntaxError ||
    (typeof code === 'string' && (code.startsWith('ERR_MODULE_') || code.startsWith('ERR_UNSUPPORTED_') || code.startsWith('ERR_PACKAGE_')));
  return isImport ? new ScriptError('thrown', error.message.replaceAll(/\?namespace=\d+/g, ''), stacksOfNode.frames(error.stack ?? '')) : undefined;
}
