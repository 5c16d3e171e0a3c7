import * as z from 'zod/mini';
import type { CollisionChoice } from '../../../sdk/project.ts';
import type { Json } from '../../../sdk/protocol.ts';
import type { PlannedChange } from '../../engine/sync-run.ts';

/** One run of one project as it was planned. */
export interface PlannedRun {
  readonly name: string;
  /** Relative paths of the options start here. Absolute. */
  readonly directory: string;
  readonly projectFile: string | undefined;
  /** Project files and modules that it was made from: applying it spares them as a run of the project does. Absent in older plans. */
  readonly sources?: readonly string[];
  /** Options as a project has them, but for callbacks: what those said is in the changes and in `choices`. */
  readonly options: { readonly [option: string]: Json };
  /** How a callback settled collisions, by path. */
  readonly choices: { readonly [path: string]: CollisionChoice };
  readonly changes: readonly PlannedChange[];
}

/** A saved plan: what was decided, to be done later. */
export interface PlanFile {
  /** ms since 1970. */
  readonly madeMs: number;
  readonly runs: readonly PlannedRun[];
  /** What the script would have done besides, in words; applying a plan does not do it. */
  readonly steps: readonly string[];
}

/** Not a plan, or not one that this version can read. The message says what is wrong, without the file's name. */
export class PlanFileError extends Error {
  override readonly name = 'PlanFileError';
}

const FORMAT = 'sxrun plan';
const VERSION = 1;

const text = z.string();
const action = z.object({
  op: z.enum(['copy', 'make', 'remove', 'move', 'touch', 'replace']),
  kind: z.enum(['file', 'directory', 'link']),
  path: text,
  from: z.exactOptional(z.number()),
  to: z.number(),
  reason: text,
  moved: z.exactOptional(text),
  size: z.exactOptional(z.number()),
});
const choice = z.union([z.enum(['report', 'newest', 'keepBoth', 'skip']), z.object({ use: z.number() })]);
const run = z.object({
  name: text,
  directory: text,
  projectFile: z.exactOptional(text),
  sources: z.exactOptional(z.array(text)),
  options: z.record(text, z.unknown()),
  choices: z.record(text, choice),
  changes: z.array(z.object({ id: text, path: text, actions: z.array(action) })),
});
const planFile = z.object({ format: z.literal(FORMAT), version: z.literal(VERSION), madeMs: z.number(), runs: z.array(run), steps: z.array(text) });

/** See docs/state-format.md. Secrets are hidden in names and steps, which are only shown. Throws PlanFileError when one is in what is to be done: hidden it would be something else. */
export function formatPlanFile({ madeMs, runs, steps }: PlanFile, redact: (text: string) => string): string {
  const shown = runs.map((planned) => {
    const name = redact(planned.name);
    return { ...planned, name, options: { ...planned.options, name } };
  });
  const done = JSON.stringify(shown);
  if (redact(done) !== done) {
    throw new PlanFileError(
      'a secret is part of a path or an option in it, and no file may show one: keep secrets out of them, or run the project itself',
    );
  }
  return `${JSON.stringify({ format: FORMAT, version: VERSION, madeMs, runs: shown, steps: steps.map(redact) }, undefined, 1)}\n`;
}

/** Anybody may have written it: only its shape is checked here. Throws PlanFileError. */
export function parsePlanFile(source: string): PlanFile {
  const data = parseJson(source);
  const { format, version } = (data ?? {}) as { format?: unknown; version?: unknown };
  if (format !== FORMAT) throw new PlanFileError('it is no plan: "sxrun plan PROJECT -o FILE" or plan.save(FILE) makes one');
  if (typeof version === 'number' && version > VERSION) {
    throw new PlanFileError(
      `it is of format version ${version}, and this sxrun reads ${VERSION}: apply it with the sxrun that made it, or plan again`,
    );
  }
  const checked = planFile.safeParse(data);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    throw new PlanFileError(`it is damaged (at ${issue?.path.map(String).join('.') || 'its top'}): plan again`);
  }
  return checked.data as PlanFile;
}

function parseJson(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    throw new PlanFileError('it is damaged, or no plan: it is not JSON');
  }
}
