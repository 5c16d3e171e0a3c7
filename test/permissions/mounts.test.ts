import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { tempTree } from './temp-tree.ts';

const RULES = new URL('../../runtime/permissions/path-rules.ts', import.meta.url).href;
const skip =
  spawnSync('unshare', ['--map-root-user', '--mount', '--pid', '--fork', 'true']).status === 0 ? false : 'this system makes no mount namespaces';

/** What the rules say about each path, in a mount namespace prepared by a shell script. */
function refusals(script: string, own: readonly string[], paths: readonly string[]): boolean[] {
  const code = `const { createPathRules } = await import(${JSON.stringify(RULES)});
    const rules = createPathRules(${JSON.stringify(own)});
    const refused = await Promise.all(${JSON.stringify(paths)}.map((path) => rules.resolve(path).then(() => false, (error) => error.code === 'refused' || String(error))));
    process.stdout.write(JSON.stringify(refused));`;
  const command = `set -e; ${script}; exec "$NODE" --import tsx --input-type=module -e "$CODE"`;
  const env = { ...process.env, NODE: process.execPath, CODE: code };
  return JSON.parse(execFileSync('unshare', ['--map-root-user', '--mount', '--pid', '--fork', 'sh', '-c', command], { env, encoding: 'utf8' }));
}

test('own stores are refused where they are mounted a second time', { skip }, async (t) => {
  const base = await tempTree(t, { 'own/config/deep': null, 'usb/again': null, 'usb/other': null, 'usb/below': null });
  const script = `mount --bind '${base}/own/config' '${base}/usb/again'; mount --bind '${base}/own' '${base}/usb/below'`;
  const names = [
    'usb/again',
    'usb/again/grants.json',
    'usb/again/deep/x',
    'usb/below/config/x',
    'usb/below/data/x',
    'usb/below/DATA',
    'usb/other/x',
    'usb/below',
    'usb/below/data2',
  ];
  const paths = names.map((path) => join(base, path));
  const refused = refusals(script, [join(base, 'own/config'), join(base, 'own/data')], paths);
  assert.deepEqual(refused, [true, true, true, true, true, true, false, false, false], 'own/data does not exist yet');
});

test('a second /proc is refused as a whole', { skip }, async (t) => {
  const base = await tempTree(t, { 'jail/proc': null });
  const paths = ['jail/proc', 'jail/proc/1/environ', 'jail/proc/loadavg', 'jail'].map((path) => join(base, path));
  assert.deepEqual(refusals(`mount -t proc proc '${base}/jail/proc'`, [], paths), [true, true, true, false]);
});
