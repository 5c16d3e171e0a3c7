/**
 * The command with a run of the test's choice in place of the real one, as a process of its own: `node --import tsx harness.ts SCENARIO ARGS…`.
 * Scenarios tell on standard error what they see, each in a line that starts with `test:`.
 */
import { runCommandLine } from '../../runtime/cli/command-line.ts';
import type { ExitCode, RunRequest } from '../../runtime/project/run-request.ts';

const [scenario = '', ...args] = process.argv.slice(2);

/** Keeps the process alive as open files and workers do. */
const alive = setInterval(() => undefined, 1000);

function tell(what: string): void {
  process.stderr.write(`test:${what}\n`);
}

/** This scenario is about what comes before the run; SIGHUP is the last signal that the command gets ready for. */
if (scenario === 'never') {
  process.on('newListener', (name) => {
    if (name === 'SIGHUP') process.nextTick(tell, 'ready');
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function emitStart(request: RunRequest): void {
  request.emit({ type: 'start', project: 'p', roots: ['/a', '/b'], simulation: false });
}

function interrupted(request: RunRequest): ExitCode {
  request.emit({ type: 'stopped', cause: 'interrupt', message: 'interrupted; what was done is recorded' });
  return 130;
}

const SCENARIOS: Readonly<Record<string, (request: RunRequest) => Promise<ExitCode>>> = {
  async finish(request) {
    emitStart(request);
    return 0;
  },
  /** Finishes the files in flight at the first signal. */
  async polite(request) {
    emitStart(request);
    tell('started');
    await aborted(request.signal);
    return interrupted(request);
  },
  /** Only the second signal ends it. */
  async busy(request) {
    emitStart(request);
    tell('started');
    await aborted(request.signal);
    tell('asked');
    await aborted(request.killSignal);
    return interrupted(request);
  },
  /** Never ends. */
  async deaf(request) {
    emitStart(request);
    tell('started');
    await aborted(request.signal);
    tell('asked');
    await aborted(request.killSignal);
    tell('told');
    return await new Promise(() => undefined);
  },
  /** Is done although the signal came. */
  async done(request) {
    tell('started');
    await aborted(request.signal);
    return 1;
  },
  /** More lines than a pipe takes. */
  async flood(request) {
    emitStart(request);
    for (let i = 0; i < 100_000; i++) {
      request.emit({ type: 'action', op: 'copy', path: `file ${i}`, from: 0, to: 1, reason: 'missing', kind: 'file' });
      if (i % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    tell(request.signal.aborted ? 'stopped' : 'finished');
    return 1;
  },
  /** 150 MB of lines at once, as a simulation prints them. */
  async burst(request) {
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 30_000; i++) {
      request.emit({ type: 'action', op: 'copy', path: `${'x'.repeat(5000)} ${i}`, from: 0, to: 1, reason: 'missing', kind: 'file' });
    }
    tell(`grown ${Math.round((process.memoryUsage().rss - before) / 1024 ** 2)} MiB`);
    return 0;
  },
  async crash(request) {
    emitStart(request);
    setImmediate(() => {
      throw new TypeError("cannot read 'x'\nof undefined");
    });
    return await new Promise(() => undefined);
  },
  /** A defect that says what the run knows to be secret. */
  async tattle(request) {
    emitStart(request);
    request.secrets?.add('hunter22"x');
    setImmediate(() => {
      throw new TypeError('the login me:hunter22"x was not taken');
    });
    return await new Promise(() => undefined);
  },
  async reject(request) {
    emitStart(request);
    throw new Error('the run broke');
  },
  async request(request) {
    tell(JSON.stringify({ source: request.source, overrides: request.overrides, ask: request.ask !== undefined }));
    return 0;
  },
};

const code = await runCommandLine({
  args,
  currentDir: process.cwd(),
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  version: '1.2.3',
  async runProject(request) {
    const run = SCENARIOS[scenario];
    if (run === undefined) throw new Error(`no scenario ${scenario}`);
    return await run(request);
  },
});
clearInterval(alive);
process.exit(code);
