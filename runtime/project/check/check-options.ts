import { dirname } from 'node:path';
import type ts from 'typescript';
import { placeIn as localPlaceIn } from '../command-context.ts';
import { OptionError } from '../options/option-error.ts';
import { type CheckedProject, checkProject } from '../options/options.ts';
import type { Finding } from './finding.ts';
import { propertiesOf, UNKNOWN } from './literal.ts';
import { type CheckedProgram, placeIn } from './program.ts';
import type { SdkCall } from './sdk-calls.ts';

export interface CheckedOptions {
  readonly findings: readonly Finding[];
  /** With what the source says; undefined: it says too little. */
  readonly project: CheckedProject | undefined;
  /** Options that name files, folders or programs and that only a run can tell; `options` for all of them. */
  readonly open: readonly string[];
}

/** What these say is permitted. */
const REACHING = ['roots', 'subSyncs', 'syncDb', 'logFile', 'sourceList', 'encoders', 'volumes', 'connections'];

/** Take the place of roots that only a run can tell. */
const ANY_ROOTS = ['.', { url: './-', targetOnly: true }];

/** Checks what is literal in the options of a project, by the rules of a run. */
export function checkOptions({ name: called, args, source }: SdkCall, program: CheckedProgram): CheckedOptions {
  const [options] = args;
  const properties = options !== undefined && program.ts.isObjectLiteralExpression(options) ? propertiesOf(options, program) : undefined;
  if (options === undefined || properties === undefined || !program.ts.isObjectLiteralExpression(options))
    return { findings: [], project: undefined, open: called === 'defineProject' && options !== undefined ? ['options'] : [] };
  const known = new Map([...properties].filter(([, value]) => value !== UNKNOWN));
  const hasSpread = options.properties.some((property) => program.ts.isSpreadAssignment(property));
  const open = [...(hasSpread ? ['options'] : []), ...REACHING.filter((option) => properties.get(option) === UNKNOWN)];
  const isOpen = hasSpread || properties.get('roots') === UNKNOWN || properties.get('subSyncs') === UNKNOWN;
  let areRootsKnown = !(isOpen && !known.has('roots'));
  let areEncodersKnown = properties.get('encoders') !== UNKNOWN && (!hasSpread || properties.has('encoders'));
  let areVolumesKnown = properties.get('volumes') !== UNKNOWN && (!hasSpread || properties.has('volumes'));
  if (!areRootsKnown) known.set('roots', ANY_ROOTS);
  const context = { ...localPlaceIn(dirname(source.fileName)), projectFile: source.fileName, now: Date.now() };
  const findings: Finding[] = [];
  for (;;) {
    try {
      const project = checkProject(Object.fromEntries(known), context);
      return { findings, open, project: areRootsKnown ? project : { ...project, roots: [] } };
    } catch (error) {
      if (!(error instanceof OptionError)) throw error;
      const [named = ''] = /^[^.[]*/.exec(error.option) ?? [];
      const isAboutMissing = (error.option === 'encoders' || error.option === 'volumes') && !known.has(error.option);
      // That there are none for an "ienc:" or "volX:" root says only that the source does not show them.
      if (!isAboutMissing || (error.option === 'encoders' ? areEncodersKnown : areVolumesKnown))
        findings.push({ ...placeIn(source, nodeOf(options, error.option, program).getStart(source)), message: error.message });
      const name = isAboutMissing ? 'roots' : named;
      if (name === 'encoders') areEncodersKnown = false;
      if (name === 'volumes') areVolumesKnown = false;
      // What is wrong is left out, so that the next thing can be found.
      if (name !== 'roots' && !known.delete(name)) return { findings, open, project: undefined };
      if (name !== 'roots') continue;
      if (!areRootsKnown) return { findings: findings.slice(0, -1), open, project: undefined };
      known.set('roots', ANY_ROOTS);
      areRootsKnown = false;
    }
  }
}

/** The place of `roots[1].autoMkdir`, or of as much of it as there is. */
function nodeOf(options: ts.ObjectLiteralExpression, path: string, { ts: kinds }: CheckedProgram): ts.Node {
  let node: ts.Node = options;
  let place: ts.Node = options;
  for (const part of path.match(/[^.[\]]+/g) ?? []) {
    let next: ts.Node | undefined;
    if (kinds.isObjectLiteralExpression(node)) {
      const property: ts.ObjectLiteralElementLike | undefined = node.properties.find(
        ({ name }) => name !== undefined && 'text' in name && name.text === part,
      );
      place = property ?? place;
      next = property !== undefined && kinds.isPropertyAssignment(property) ? property.initializer : undefined;
    } else if (kinds.isArrayLiteralExpression(node)) {
      next = node.elements[Number(part)];
      place = next ?? place;
    }
    if (next === undefined) return place;
    node = next;
  }
  return place;
}
