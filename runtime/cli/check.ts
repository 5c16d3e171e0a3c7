import { relative } from 'node:path';
import { printable } from '../printable.ts';
import type { CheckReport } from '../project/check/check-project.ts';
import type { Finding } from '../project/check/finding.ts';
import { commandParser, parseWith } from './command-parser.ts';
import { EXIT_FAILED } from './exit-codes.ts';
import type { ProcessContext } from './process-context.ts';
import { findProjectFile } from './project-source.ts';
import { say } from './say.ts';
import { UsageError } from './usage-error.ts';

const HELP = `sxrun check PROJECT [--json] [--own-compiler]
Says what is wrong with a project, and what it would ask for, without running it: imports and syntax, types, and the options,
addresses and permissions that its source shows. Lines whose permissions only a run can tell are named.

  --json           a line of JSON for each thing found
  --own-compiler   checks types by the TypeScript installed beside the project, which runs outside of the sandbox

Exit code 0: no errors; there may be warnings of what this machine does not have. 2: something is wrong.
`;

/** `sxrun check`. Resolves to the exit code; rejects with `UsageError`. */
export async function runCheck(args: readonly string[], context: ProcessContext): Promise<number> {
  const program = commandParser('sxrun check').argument('[words...]').option('--json').option('--own-compiler').option('-h, --help');
  parseWith(program, args);
  const flags = program.opts<{ json?: true; ownCompiler?: true; help?: true }>();
  if (flags.help) {
    await say(context.stdout, HELP);
    return 0;
  }
  const [project, ...others] = program.args;
  if (others.length > 0) throw new UsageError('sxrun check takes one project file');
  const file = await findProjectFile(project, context.currentDir);
  const { checkProjectFile } = await import('../project/check/check-project.ts');
  const report = await checkProjectFile(file, { ownCompiler: flags.ownCompiler === true });
  const code = report.findings.length === 0 ? 0 : EXIT_FAILED;
  await say(context.stdout, flags.json ? jsonOf(report, code) : textOf(report, file, context.currentDir));
  return code;
}

function textOf({ findings, wanted, compiler }: CheckReport, file: string, currentDir: string): string {
  const name = printable(relative(currentDir, file) || file);
  const lines = findings.map((finding) => textOfFinding(finding, currentDir));
  const warnings = wanted?.warnings ?? [];
  for (const { message, ...place } of warnings) lines.push(textOfFinding({ ...place, message: `warning: ${message}` }, currentDir));
  if (compiler === undefined)
    lines.push(
      'types, options and permissions were not looked at: there is no TypeScript. Install it: npm install -g typescript beside sxrun, or beside the project with --own-compiler',
    );
  lines.push(`${name}: ${verdict(findings.length, warnings.length)}`);
  if (wanted !== undefined && wanted.grants.length > 0) {
    lines.push(
      'A run asks for, as far as the source shows:',
      ...wanted.grants.map((grant) => `  ${printable(grant)}`),
      `To allow it:\n  ${wanted.allowLine}`,
    );
  } else if (wanted !== undefined) lines.push('A run asks for no permission, as far as the source shows.');
  if (wanted !== undefined && wanted.open.length > 0)
    lines.push(
      'Known only when it runs:',
      ...wanted.open.map((place) => `  ${textOfFinding({ ...place, message: `what ${place.what} needs` }, currentDir)}`),
    );
  return `${lines.join('\n')}\n`;
}

function verdict(errors: number, warnings: number): string {
  const counted = (count: number, what: string) => (count === 1 ? `1 ${what}` : `${count} ${what}s`);
  if (errors > 0) return warnings === 0 ? counted(errors, 'error') : `${counted(errors, 'error')}, ${counted(warnings, 'warning')}`;
  return warnings === 0 ? 'nothing wrong as far as the source shows' : `no errors as far as the source shows, ${counted(warnings, 'warning')}`;
}

function textOfFinding({ file, line, column, message }: Finding, currentDir: string): string {
  const place = [printable(relative(currentDir, file) || file), line, column].filter((part) => part !== undefined).join(':');
  return `${place}: ${message.split('\n').map(printable).join('\n    ')}`;
}

function jsonOf({ findings, wanted, compiler }: CheckReport, code: number): string {
  const events = [
    ...findings.map((finding) => ({ type: 'error', ...finding })),
    ...(wanted?.warnings ?? []).map((warning) => ({ type: 'warning', ...warning })),
    ...(wanted?.grants ?? []).map((grant) => ({ type: 'permission', grant })),
    ...(wanted?.open ?? []).map((place) => ({ type: 'open', ...place })),
    { type: 'checked', types: compiler !== undefined, compiler: compiler ?? null },
    { type: 'exit', code },
  ];
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}
