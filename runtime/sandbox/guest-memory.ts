const PAGE_BYTES = 65_536;
/** The part of `WebAssembly` that is needed here; the types of Node have it, those of this project's compiler do not. */
interface EngineMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
declare const WebAssembly: { readonly Memory: new (size: { initial: number; maximum: number }) => EngineMemory };

/** What the engine asks for at its start, its own stack and data included, and the most that it can address (as the variant was compiled). */
const FIRST_PAGES = 256;
const MOST_PAGES = 32_768;
/** For messages of the host that are under way in the script's memory, beyond twice the limit. */
const MESSAGE_BYTES = 64 * 2 ** 20;

/**
 * The memory that the engine runs in. Compiled to wasm, QuickJS does not learn how large the pieces are that it holds, so its own limit is one for a single
 * piece; what a script has in all is limited by how far its memory may grow.
 */
export class GuestMemory {
  readonly memory: EngineMemory = new WebAssembly.Memory({ initial: FIRST_PAGES, maximum: MOST_PAGES });
  #limitBytes = MOST_PAGES * PAGE_BYTES;
  #isHosts = false;
  /** The script has asked for more than it may have. */
  wasRefused = false;

  constructor() {
    const { memory } = this;
    // The engine grows its memory by way of this method, and takes an error as "there is no more".
    const grow = memory.grow.bind(memory);
    memory.grow = (pages) => {
      const bytes = memory.buffer.byteLength + pages * PAGE_BYTES;
      if (!this.#isHosts && bytes > this.#limitBytes) {
        this.wasRefused = true;
        throw new RangeError('the script has no more memory');
      }
      return grow(pages);
    };
  }

  /** What the script may have, beside what the engine needs by itself. */
  limitTo(scriptBytes: number): void {
    this.#limitBytes = FIRST_PAGES * PAGE_BYTES + scriptBytes;
  }

  /** What the host puts into the memory always finds room: the library does not see when there is none. */
  forHost<Value>(work: () => Value): Value {
    this.#isHosts = true;
    try {
      return work();
    } finally {
      this.#isHosts = false;
    }
  }

  /** The script keeps what the host gives it beyond all measure. */
  get isOverfull(): boolean {
    return this.memory.buffer.byteLength > 2 * this.#limitBytes + MESSAGE_BYTES;
  }
}
