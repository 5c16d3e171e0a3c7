import { writeSync } from 'node:fs';

/** Where lines go. Never throws: when nobody takes the lines any more they are dropped. */
export interface Output {
  write(text: string): void;
  /** Hands over what is buffered. */
  flush(): void;
  /** Resolves when all is taken, or nobody is left to take it. */
  close(): Promise<void>;
}

export interface OutputTarget {
  readonly fd: number;
  /** A terminal takes text through its stream, which on Windows speaks Unicode. */
  readonly terminal?: { write(text: string): unknown };
  /** Nobody reads any more (EPIPE), the disk is full, the terminal is gone. Called once. */
  readonly onLost?: (error: Error) => void;
  /** Called around each hand-over; a progress bar steps aside. */
  readonly before?: () => void;
  readonly after?: () => void;
}

/** Characters that are handed over at once rather than collected. */
const CHUNK = 64 * 1024;
const FLUSH_MS = 40;
const RETRY_MS = 10;
/** What a slow reader may be behind before the run waits for it. Until then signals are heard although a pager does not read. */
const BEHIND_LIMIT_BYTES = 16 * 1024 ** 2;

/**
 * Lines are collected and written in one go. A pipe that Node has made non-blocking (it does so when `process.stdout` is first used) and that is full
 * keeps its bytes here and is tried again, up to a limit; from there on writing waits, so that memory stays bounded however slow the reader.
 */
export function openOutput(target: OutputTarget): Output {
  let collected = '';
  let behind: Buffer[] = [];
  let behindBytes = 0;
  let timer: NodeJS.Timeout | undefined;
  let lost = false;

  function write(text: string): void {
    if (lost || text === '') return;
    collected += text;
    if (collected.length >= CHUNK) flush();
    else timer ??= setTimeout(flush, FLUSH_MS).unref();
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (collected !== '') {
      const text = collected;
      collected = '';
      target.before?.();
      handOver(text);
      target.after?.();
    } else if (behindBytes > 0) {
      drain();
    }
    if (behindBytes > 0) timer ??= setTimeout(flush, RETRY_MS).unref();
  }

  function handOver(text: string): void {
    if (target.terminal !== undefined) {
      target.terminal.write(text);
      return;
    }
    const bytes = Buffer.from(text);
    behind.push(bytes);
    behindBytes += bytes.length;
    drain();
    while (behindBytes > BEHIND_LIMIT_BYTES) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
      drain();
    }
  }

  function drain(): void {
    try {
      for (let first = behind[0]; first !== undefined; first = behind[0]) {
        const written = writeSync(target.fd, first);
        behindBytes -= written;
        if (written === first.length) behind.shift();
        else behind[0] = first.subarray(written);
      }
    } catch (error) {
      if (isFull(error)) return;
      lost = true;
      behind = [];
      behindBytes = 0;
      target.onLost?.(error instanceof Error ? error : new Error(String(error)));
    }
  }

  return {
    write,
    flush,
    async close() {
      flush();
      clearTimeout(timer);
      while (behindBytes > 0) {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        drain();
      }
    },
  };
}

function isFull(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'EAGAIN' || code === 'EINTR';
}
