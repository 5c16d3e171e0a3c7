/**
 * What the calls of one script hold on our side, all together: what they are sent with, what they read and receive, and answers on their way. A script that asks
 * for hundreds of files and keeps its turn takes none of them; it is not to fill our memory.
 */
export class HeldBytes {
  readonly #mostBytes: number;
  readonly #signal: AbortSignal;
  readonly #waiting: Waiting[] = [];
  #behind: (() => void)[] = [];
  #requested = 0;
  #inCalls = 0;
  #untaken = 0;
  /** The one that may have more than there is room for, so that one comes to its end. */
  #favoured: object | undefined;

  /** When the signal is aborted nothing waits any more. */
  constructor(mostBytes: number, signal: AbortSignal) {
    this.#mostBytes = mostBytes;
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#goOn(), { once: true });
  }

  /** A call of so many bytes is under way until what this returns is called. undefined: the calls under way have as much as they may already. */
  request(bytes: number): (() => void) | undefined {
    if (this.#requested + bytes > this.#mostBytes) return undefined;
    this.#requested += bytes;
    return () => {
      this.#requested -= bytes;
    };
  }

  /** Answers of so many bytes, in all, have not been taken by the script, which takes them when it gives control back. */
  setUntaken(bytes: number): void {
    this.#untaken = bytes;
    this.#goOn();
  }

  /** Resolves when the script has taken most of its answers. */
  async caughtUp(): Promise<void> {
    while (!this.#isCaughtUp) await new Promise<void>((resolve) => this.#behind.push(resolve));
  }

  /** What one call is going to hold. */
  share(): HeldShare {
    const share = {};
    let own = 0;
    const add = (bytes: number) => {
      own += bytes;
      this.#inCalls += bytes;
    };
    return {
      hold: (bytes) => {
        const isNext = this.#waiting.length === 0 || share === this.#favoured;
        if (isNext && this.#mayHold(share, bytes)) {
          add(bytes);
          return undefined;
        }
        return new Promise((resolve) => {
          const go = () => {
            add(bytes);
            resolve();
          };
          this.#waiting.push({ share, bytes, go });
        });
      },
      end: () => {
        this.#inCalls -= own;
        own = 0;
        if (this.#favoured === share) this.#favoured = undefined;
        this.#goOn();
      },
    };
  }

  get #isCaughtUp(): boolean {
    return this.#signal.aborted || this.#untaken <= this.#mostBytes / 8;
  }

  #mayHold(share: object, bytes: number): boolean {
    if (this.#signal.aborted || this.#inCalls + this.#untaken + bytes <= this.#mostBytes) return true;
    if ((this.#favoured !== undefined && this.#favoured !== share) || !this.#isCaughtUp) return false;
    this.#favoured = share;
    return true;
  }

  #goOn(): void {
    if (this.#isCaughtUp) {
      const behind = this.#behind;
      this.#behind = [];
      for (const resolve of behind) resolve();
    }
    let at = 0;
    for (let next = this.#waiting[at]; next !== undefined; next = this.#waiting[at]) {
      const mayGo = (at === 0 || next.share === this.#favoured) && this.#mayHold(next.share, next.bytes);
      if (!mayGo) at++;
      else {
        this.#waiting.splice(at, 1);
        next.go();
      }
    }
  }
}

interface Waiting {
  readonly share: object;
  readonly bytes: number;
  go(): void;
}

export interface HeldShare {
  /** So many more bytes are held. A promise where there is no room for them: it resolves when there is. */
  hold(bytes: number): Promise<void> | undefined;
  /** Nothing is held any more. */
  end(): void;
}
