import { setImmediate as turn } from 'node:timers/promises';
import type { RelPath } from '../../runtime/vfs/path.ts';
import { VfsError, type VfsErrorCode } from '../../runtime/vfs/vfs-error.ts';
import type { Content, Vfs } from '../../runtime/vfs/vfs.ts';

/** `content` is the opening of a source, `content-end` its last byte. */
type Method = Exclude<keyof Vfs, 'label' | 'traits'> | 'content-end' | 'commit';

/** One call as a layer saw it; `number` counts the mutating calls of the whole world from 1, 0 for reading ones. */
export interface Call {
  readonly root: number;
  readonly method: Method;
  readonly path: RelPath;
  readonly number: number;
}

export interface Fault {
  readonly when: 'before' | 'after';
  readonly at: (call: Call) => boolean;
  /** `stop`: nothing happens any more, as after kill -9; calls stay pending. A function is run at that point; what it throws is the call's outcome. */
  readonly effect: 'stop' | VfsErrorCode | ((call: Call) => void | Promise<void>);
}

const MUTATING: ReadonlySet<Method> = new Set([
  'write',
  'makeDirectory',
  'removeFile',
  'removeDirectory',
  'rename',
  'link',
  'setModified',
  'replace',
  'recover',
  'commit',
]);

/** What several faulty roots (and their database) share: the count of mutating calls, the faults, and whether the world was stopped. */
export class World {
  readonly calls: Call[] = [];
  readonly faults: Fault[];
  /** Resolves when a fault stopped the world. */
  readonly stopped: Promise<'stopped'>;
  private isStopped = false;
  private tellStopped: () => void = () => {};
  private mutations = 0;

  constructor(faults: readonly Fault[] = []) {
    this.faults = [...faults];
    this.stopped = new Promise((resolve) => {
      this.tellStopped = () => resolve('stopped');
    });
  }

  get mutationCount(): number {
    return this.mutations;
  }

  async pass<T>(root: number, method: Method, path: RelPath, act: () => T | Promise<T>): Promise<T> {
    const number = MUTATING.has(method) ? ++this.mutations : 0;
    const call: Call = { root, method, path, number };
    await this.gate();
    this.calls.push(call);
    await this.meet(call, 'before');
    const value = await act();
    await this.meet(call, 'after');
    await this.gate();
    return value;
  }

  /** Never resolves once the world is stopped. */
  async gate(): Promise<void> {
    if (this.isStopped) await new Promise<never>(() => {});
  }

  private async meet(call: Call, when: Fault['when']): Promise<void> {
    for (const fault of this.faults) {
      if (fault.when !== when || !fault.at(call)) continue;
      if (typeof fault.effect === 'function') {
        await fault.effect(call);
      } else if (fault.effect === 'stop') {
        this.isStopped = true;
        this.tellStopped();
        await this.gate();
      } else {
        throw new VfsError(fault.effect, call.path, `injected: ${call.method} is ${fault.effect}`);
      }
    }
  }
}

/** Stops the world before or after its Nth mutating call. */
export function stopAt(number: number, when: Fault['when']): Fault {
  return { when, at: (call) => call.number === number, effect: 'stop' };
}

/** Fails every call of one method at one path (or where a predicate holds). */
export function failAt(method: Method, path: RelPath | ((path: RelPath) => boolean), code: VfsErrorCode, root?: number): Fault {
  const matches = typeof path === 'string' ? (other: RelPath) => other === path : path;
  return { when: 'before', at: (call) => call.method === method && matches(call.path) && (root === undefined || root === call.root), effect: code };
}

/** Lets a call wait a number of event-loop turns, chosen by `turns`. */
export function delayBy(turns: (call: Call) => number): Fault {
  const wait = async (call: Call) => {
    for (let left = turns(call); left > 0; left--) await turn();
  };
  return { when: 'before', at: () => true, effect: wait };
}

/** The layer: every call passes the world's faults. Roots of one run share the world and have their own number. */
export function faultyVfs(inner: Vfs, world: World, root = 0): Vfs {
  const pass = <T>(method: Method, path: RelPath, act: () => Promise<T>) => world.pass(root, method, path, act);
  return {
    label: inner.label,
    traits: inner.traits,
    list: (path) => pass('list', path, () => inner.list(path)),
    stat: (path) => pass('stat', path, () => inner.stat(path)),
    content: (path, revision) => faultyContent(inner.content(path, revision), (method) => pass(method, path, async () => {})),
    write: (path, content, as) => pass('write', path, () => inner.write(path, content, as)),
    makeDirectory: (path) => pass('makeDirectory', path, () => inner.makeDirectory(path)),
    removeFile: (path, expected) => pass('removeFile', path, () => inner.removeFile(path, expected)),
    removeDirectory: (path) => pass('removeDirectory', path, () => inner.removeDirectory(path)),
    rename: (from, to, expected) => pass('rename', from, () => inner.rename(from, to, expected)),
    link: (path, target, as) => pass('link', path, () => inner.link(path, target, as)),
    setModified: (path, modifiedMs, expected) => pass('setModified', path, () => inner.setModified(path, modifiedMs, expected)),
    replace: (path, replacement) => pass('replace', path, () => inner.replace(path, replacement)),
    leftovers: (directory) => pass('leftovers', directory, () => inner.leftovers(directory)),
    recover: (leftovers) => pass('recover', '', () => inner.recover(leftovers)),
    flush: () => pass('flush', '', () => inner.flush()),
    close: () => pass('close', '', () => inner.close()),
  };
}

/** The content is given as a stream only, so that nothing goes around the faults. */
function faultyContent(inner: Content, meet: (method: 'content' | 'content-end') => Promise<void>): Content {
  const open = async function* (from?: number): AsyncIterable<Uint8Array> {
    await meet('content');
    yield* inner.open(from);
    await meet('content-end');
  };
  return inner.size === undefined ? { open } : { size: inner.size, open };
}
