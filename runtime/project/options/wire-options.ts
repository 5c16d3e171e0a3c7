import { dirname } from 'node:path';
import type { WireOption, WireOptions, WireTarget } from '../../../sdk/protocol.ts';
import type { RawOptions } from './option-layers.ts';
import { OptionError } from './option-error.ts';
import type { LocalPlace } from '../../vfs/root-address-parse.ts';
import { localPathOf } from '../roots/root-url.ts';

/** A function of a script, by the number under which that script's sandbox answers for it. */
export class Callback {
  readonly number: number;
  /** The script it belongs to: a sub-project in a sandbox of its own may inherit a callback. */
  readonly script: object;

  constructor(number: number, script: object) {
    this.number = number;
    this.script = script;
  }
}

/** Options as they crossed the wall, as values to be layered and checked. `place` is for sub-projects named by path. */
export function optionsFromWire(options: WireOptions, script: object, place: LocalPlace): RawOptions {
  return Object.fromEntries(Object.entries(options).map(([name, option]) => [name, valueFrom(option, script, place)]));
}

function valueFrom(option: WireOption, script: object, place: LocalPlace): unknown {
  switch (option.kind) {
    case 'data':
      return option.value;
    case 'date':
      return dateText(option.ms);
    case 'callback':
      return new Callback(option.number, script);
    case 'projects':
      return option.projects.map((target, index) => subSyncOf(target, index, place));
  }
}

/** An invalid Date crosses as a number that no Date has. */
function dateText(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? 'Invalid Date' : date.toISOString();
}

/** A file named in an imported project is relative to that project's own file. */
function subSyncOf(target: WireTarget, index: number, place: LocalPlace): unknown {
  if (target.kind === 'project' || target.from === undefined) return target.kind === 'file' ? target.path : target;
  try {
    return localPathOf(target.path, { ...place, projectDir: dirname(target.from) });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new OptionError(`subSyncs[${index}]`, `option "subSyncs[${index}]" ${error.message}`);
  }
}
