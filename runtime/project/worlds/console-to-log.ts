import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { format } from 'node:util';
import type { LogLevel } from '../../../sdk/protocol.ts';

/**
 * What the process says by the global `console` goes into the run's log, as it does in the sandbox: so it is in the log file, secrets do not show, and with `--json` standard output stays JSON. Returns
 * what gives the console back.
 */
export function consoleToLog(log: (level: LogLevel, message: string) => unknown): () => void {
  const own = globalThis.console;
  const lines = (level: LogLevel) =>
    new Writable({
      decodeStrings: false,
      write(text: string, _encoding, done) {
        log(level, text.replace(/\n$/, ''));
        done();
      },
    });
  const told = new Console({ stdout: lines('info'), stderr: lines('error'), colorMode: false });
  told.warn = (...values: unknown[]) => void log('warn', format(...values));
  globalThis.console = told;
  return () => {
    globalThis.console = own;
  };
}
