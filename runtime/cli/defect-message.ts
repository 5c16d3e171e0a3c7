import { printable } from '../printable.ts';

/** One line; the stack only for those who look for the defect. */
export function defectMessage(error: unknown, env: NodeJS.ProcessEnv): string {
  const message = error instanceof Error ? error.message : String(error);
  if (env['SXRUN_DEBUG'] && error instanceof Error && error.stack !== undefined) return `a defect in sxrun: ${error.stack}`;
  return `a defect in sxrun: ${printable(message)} (SXRUN_DEBUG=1 shows where; no file is left half written)`;
}
