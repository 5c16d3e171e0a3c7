import { type KeepRules, MOST_VERSIONS, type VersionRules } from '../../vfs/version-rules.ts';
import { formatAddress, isKeeper, type RootAddress } from '../../vfs/root-address.ts';
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

interface RootUrls {
  readonly url: string;
  readonly address: RootAddress;
  readonly shadows: readonly RootAddress[];
}

/** The URLs of the roots and shadows that keep old versions; those of shadows with absolute paths. */
export function keepingUrls({ roots }: { readonly roots: readonly RootUrls[] }): readonly string[] {
  const keeps = ({ layers }: RootAddress) => layers.some(isKeeper);
  return roots.flatMap(({ url, address, shadows }) => [...(keeps(address) ? [url] : []), ...shadows.filter(keeps).map(formatAddress)]);
}
