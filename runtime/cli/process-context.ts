import type { ExitCode, RunRequest } from '../project/run-request.ts';
import type { StandardStream } from '../report/screen.ts';

/** The process around a command; tests put their own in its place. */
export interface ProcessContext {
  /** Without node and script. */
  readonly args: readonly string[];
  readonly currentDir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: StandardStream;
  readonly stderr: StandardStream;
  readonly version: string;
  /** `project/run.ts`, loaded when it is called. */
  runProject(request: RunRequest): Promise<ExitCode>;
}
