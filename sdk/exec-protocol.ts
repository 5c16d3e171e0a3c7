/** What `exec` asks of the host. */
export interface ExecMethods {
  readonly exec: { readonly request: ExecRequest; readonly reply: WireExecResult };
}

export interface ExecRequest {
  readonly file: string;
  readonly args: readonly string[];
  /** Absent: the program reads nothing. */
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: { readonly [name: string]: string };
  readonly timeoutMs?: number;
  readonly maxOutput?: number;
  readonly reject?: boolean;
}

export interface WireExecResult {
  /** null: a signal ended the program. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}
