import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { COMMANDS, OPTIONS } from '../../runtime/cli/options.ts';
import { projectShape, rootShape } from '../../runtime/project/options/option-schema.ts';
import { parseRootAddress } from '../../runtime/vfs/root-address-parse.ts';
import { REPOSITORY } from '../kit/built-command.ts';

const page = readFileSync(join(REPOSITORY, 'docs', 'from-synchronex.md'), 'utf8');

interface Row {
  readonly original: string;
  readonly here: string;
  readonly differs: string;
}

/** The rows of one section's table, without its head. */
function rowsOf(section: string): readonly Row[] {
  const [, table = ''] = new RegExp(`^## ${section}.*\\n([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, 'm').exec(page) ?? [];
  const rows = [...table.matchAll(/^\| ((?:\\\||[^|\n])*?) *\| ((?:\\\||[^|\n])*?) *\| ?((?:\\\||[^|\n])*?) *\|$/gm)];
  assert.ok(rows.length > 1, `there is no table in "${section}"`);
  return rows.slice(1).map(([, original = '', here = '', differs = '']) => ({ original, here, differs }));
}

/** Names in backquotes. */
function quoted(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].flatMap((match) => match[1] ?? []);
}

function isLater({ differs }: Row): boolean {
  return differs.startsWith('later');
}

/** All names of the manual's quick reference (sections 3.1 and 3.2). */
const PARAMETERS =
  'roots roots_no_src automkdir_targets shadow_copy ftp_shadow excludefiles_rel excludefiles_abs includefiles_rel includefiles_abs excludedirs_rel excludedirs_abs includedirs_rel includedirs_abs cb_is_exclude cb_is_exclude_dir killfiles_rel killfiles_abs thres_time syncdb syncdbpath syncremove collision_override even_time simulation lazy_mkdir symlinks symlink_follow errorcontinue check_cwd logfile src_listfile verbose sub_syncs xvs_excludefiles ftp_ascii ftp_executable ftp_execumask ftp_passive iter_root wait_media auto_mkdir initial_remove count_copy limit_bytes sector_size';
const FLAGS =
  '-s -y -z -n0,2 -r -e -i -x -k -d -t -v -w -W -l -L -+ -c -p -h --help --remove --more --find_dup --find_dups --find_emptydirs --regkey --setup --template --gui --guirun';
const SCHEMES = 'xvs: uxvs: rcy: tfs: null: igz: ienc: volX: ftp: ftps: xftp: xftps: sftp: http: https: dav: xdav: xhttp: xhttps:';

for (const [section, names] of [
  ['Project options', PARAMETERS],
  ['Command line', FLAGS],
  ['File systems', SCHEMES],
] as const) {
  test(`every original name of "${section}" is in its table`, () => {
    const told = new Set(rowsOf(section).flatMap(({ original }) => quoted(original)));
    assert.deepEqual(
      names.split(' ').filter((name) => !told.has(name)),
      [],
    );
  });
}

test('every option of a project and of the command line, and every command, is named', () => {
  const told = new Set(quoted(page).flatMap((text) => [text, text.split(/[ (]/)[0]]));
  const ours = [...Object.keys({ ...projectShape, ...rootShape }).filter((name) => name !== 'url'), ...OPTIONS.map(({ long }) => `--${long}`)];
  assert.deepEqual(
    ours.filter((name) => !told.has(name)),
    [],
  );
  assert.deepEqual(
    COMMANDS.filter((command) => !page.includes(`\`sxrun ${command}`)),
    [],
  );
});

test('options that are there are not called later, and those that are not are', () => {
  const known = new Set(Object.keys({ ...projectShape, ...rootShape }));
  for (const row of [...rowsOf('Project options'), ...rowsOf('Settings of servers')]) {
    const [name = ''] = quoted(row.here);
    if (/^[a-zA-Z]+$/.test(name)) assert.equal(isLater(row), !known.has(name), `${row.original}: ${name}`);
  }
});

test('flags and commands that are there are not called later, and those that are not are', () => {
  const known = new Set<string>([...OPTIONS.map(({ long }) => `--${long}`), ...COMMANDS.map((command) => `sxrun ${command}`)]);
  for (const row of [...rowsOf('Command line'), ...rowsOf('Files and runs'), ...rowsOf('Wizards')]) {
    for (const name of quoted(row.here)) {
      const [command = ''] = /^sxrun [a-z][a-z-]*|^--(?:[a-z-]+)$/.exec(name) ?? [];
      const isOfNew = row.here.includes('`--on-') || name.startsWith('--no-sync') || ['--newer-than', '--check-cwd'].includes(name);
      if (command !== '' && !isOfNew) assert.equal(isLater(row), !known.has(command), `${row.original}: ${name}`);
    }
  }
});

test('root URLs that can be opened are not called later, and those that cannot are', () => {
  for (const row of rowsOf('File systems')) {
    const [scheme] = quoted(row.here);
    if (scheme === undefined) continue;
    const place = { projectDir: '/p', home: '/h', platform: 'linux' } as const;
    const open = () => parseRootAddress(scheme === 'null:' ? scheme : `${scheme}${/ftp|dav|http/.test(scheme) ? '//h/d' : 'd'}`, place);
    if (isLater(row)) assert.throws(open, RangeError, `${scheme} can be opened`);
    else assert.doesNotThrow(open, `${scheme} cannot be opened`);
  }
});

test('every link leads to a file or folder', () => {
  const targets = [...page.matchAll(/\]\(([^)#]+)\)/g)].flatMap((match) => match[1] ?? []);
  assert.ok(targets.length > 20);
  assert.deepEqual(
    targets.filter((target) => !existsSync(join(REPOSITORY, 'docs', target))),
    [],
  );
});
