import { type KeepRules, MOST_VERSIONS, type VersionRules } from '../../vfs/version-rules.ts';
import { OptionError } from './option-error.ts';
import { shown } from './option-message.ts';
import type { ProjectOptions } from './option-schema.ts';
import { parseTime } from './parse-time.ts';

type VersionOptions = NonNullable<ProjectOptions['versions']>;

/** The option `versions` with its defaults. Throws OptionError for a folder that is no name, and for rules that say nothing. */
export function versionRulesOf(versions: VersionOptions = {}): VersionRules {
  const { folder, max = MOST_VERSIONS, exclude = [], keep } = versions;
  return {
    folder: folder === undefined ? undefined : folderNameOf(folder, 'versions.folder'),
    max,
    exclude,
    keep: keep === undefined ? undefined : keepRulesOf(keep, 'versions.keep'),
  };
}

/** `option` names it in errors. Which names a folder can have is for its file system to say. With a `/` before it it is the one at the top of the root. */
export function folderNameOf(folder: string, option: string): string {
  if (/^\.{0,2}$|[/\\\0]/.test(folder.replace(/^\//, '')))
    throw new OptionError(
      option,
      `option "${option}" is ${shown(folder)}; it wants the name of the folder that each directory has for old versions, such as ".XVS", or "/old" for one at the top of the root; they cannot lie outside of it, since what is set aside is moved by its file system`,
    );
  return folder;
}

/** `within` becomes ms. */
export function keepRulesOf({ within, ...counts }: NonNullable<VersionOptions['keep']>, option: string): KeepRules {
  const rules = Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== undefined));
  if (within === undefined && Object.keys(rules).length === 0)
    throw new OptionError(option, `option "${option}" is without a rule, and would keep nothing; it wants at least one, such as { last: 10 }`);
  return { ...rules, ...(within === undefined ? {} : { withinMs: ageMs(within, `${option}.within`) }) };
}

function ageMs(text: string, option: string): number {
  if (!/^\d+(?:\.\d+)?\s*[smhdw]$/i.test(text.trim()))
    throw new OptionError(option, `option "${option}" is ${shown(text)}; it wants an age such as "48h", "30d" or "2w"`);
  return -parseTime(text, 0);
}

/** A root of checked options that keeps versions by rules. */
export interface RuledRoot {
  readonly url: string;
  readonly folder: string | undefined;
  readonly rules: KeepRules;
  /** Of the project. */
  readonly encoders: NonNullable<ProjectOptions['encoders']>;
}

/** The roots and shadows with old versions, of options that were checked before; empty without `versions.keep`. */
export function keepingRoots(options: Readonly<Record<string, unknown>>): readonly RuledRoot[] {
  const { roots, versions, encoders = {} } = options as Pick<ProjectOptions, 'roots' | 'versions' | 'encoders'>;
  const { folder, keep } = versionRulesOf(versions);
  if (keep === undefined) return [];
  const urls = (roots ?? []).flatMap((root) => (typeof root === 'string' ? [root] : [root.url, ...[root.shadow ?? []].flat()]));
  return urls.filter((url) => /(?:^|:)(?:u?xvs|rcy):/i.test(url)).map((url) => ({ url, folder, rules: keep, encoders }));
}
