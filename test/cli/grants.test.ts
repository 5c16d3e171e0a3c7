import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const HARNESS = fileURLToPath(new URL('harness.ts', import.meta.url));

describe('remembered permissions', () => {
  let folder: string;
  before(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'sxrun-grants-')));
  });
  after(() => rmSync(folder, { recursive: true }));
  beforeEach(() => {
    rmSync(join(folder, 'home'), { recursive: true, force: true });
    mkdirSync(join(folder, 'texts'), { recursive: true });
    writeFileSync(join(folder, 'a.sync.ts'), "export default { roots: ['texts', '/elsewhere'] };\n");
    writeFileSync(join(folder, 'broken.sync.ts'), 'export default {;\n');
  });

  function sxrun(...args: string[]): { code: number | null; stdout: string; stderr: string } {
    const env = { ...process.env, SXRUN_HOME: join(folder, 'home') };
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', import.meta.resolve('tsx'), HARNESS, 'finish', ...args], {
      cwd: folder,
      env,
      encoding: 'utf8',
    });
    return { code: status, stdout, stderr };
  }
  const refused = (message: string, ...args: string[]) => assert.deepEqual(sxrun(...args), { code: 2, stdout: '', stderr: `sxrun: ${message}\n` });

  it('are allowed, listed and revoked by project file', () => {
    const file = join(folder, 'a.sync.ts');
    const texts = join(folder, 'texts');
    assert.deepEqual(sxrun('grants'), { code: 0, stdout: 'No permissions are remembered.\n', stderr: '' });
    assert.deepEqual(sxrun('allow', 'a.sync.ts', 'read:texts', 'write:texts'), {
      code: 0,
      stdout: `${file} may, until it changes:\n  read:${texts}\n  write:${texts}\n`,
      stderr: '',
    });
    assert.equal(sxrun('grants').stdout, `${file}\n  read:${texts}\n  write:${texts}\n`);
    assert.equal(sxrun('allow', 'a.sync.ts', '--any-change').stdout, `${file} may, also when it changes:\n  what was allowed before\n`);
    assert.match(sxrun('grants').stdout, /read:.*texts {2}\(also when it changes\)/);
    rmSync(file);
    assert.deepEqual(sxrun('revoke', 'a.sync.ts'), { code: 0, stdout: `${file} has no permissions any more.\n`, stderr: '' });
    assert.equal(sxrun('grants').stdout, 'No permissions are remembered.\n');
  });

  it('are refused where they make no sense, with what to write instead', () => {
    refused('sxrun allow needs a project file and what to allow, such as read:/mnt/texts', 'allow');
    refused(
      'sxrun allow: what? Name it like read:/mnt/texts write:/mnt/texts; a run that lacks a permission prints the whole line',
      'allow',
      'a.sync.ts',
    );
    refused("unknown option '--any-chagne' (Did you mean --any-change?)", 'allow', 'a.sync.ts', '--any-chagne');
    refused(`there is no project file "b.sync.ts" (Did you mean a.sync.ts?)`, 'allow', 'b.sync.ts', 'read:texts');
    refused('sxrun revoke needs the project file; "sxrun grants" lists them', 'revoke');
    refused(`nothing is remembered for ${join(folder, 'a.sync.ts')}; "sxrun grants" lists what is`, 'revoke', 'a.sync.ts');
    assert.match(sxrun('allow', 'a.sync.ts', 'texts').stderr, /^sxrun: "texts" is no grant\. Write read:PATH/);
    assert.equal(sxrun('grants', 'x').code, 2);
  });

  it('are not given to a project that cannot be bundled, unless whatever it says', () => {
    const broken = sxrun('allow', 'broken.sync.ts', 'read:texts');
    assert.equal(broken.code, 2);
    assert.match(broken.stderr, /broken\.sync\.ts:1/);
    assert.equal(sxrun('allow', 'broken.sync.ts', 'read:texts', '--any-change').code, 0);
  });

  it('that are damaged are told with the file, the place and what to do', () => {
    const file = join(folder, 'home', 'config', 'grants.json');
    mkdirSync(join(folder, 'home', 'config'), { recursive: true });
    for (const [text, says] of [
      ['{"projects":{"/p":[{"grant":"all","sources":null}]}}', /at "projects → \/p → 0 → grant" stands something else than a permission/],
      ['{"projects":', /Unexpected end of JSON input/],
    ] as const) {
      writeFileSync(file, text);
      const { code, stderr } = sxrun('grants');
      assert.equal(code, 2);
      assert.match(stderr, says);
      assert.match(stderr, /grants\.json is damaged: .*It was left as it is; repair it, or move it away to start afresh/);
      assert.doesNotMatch(stderr, /[{}]|syncDb/);
    }
  });

  it('that cannot be kept name the folder and how to choose another, also where nothing can be made', { skip: process.platform !== 'linux' }, () => {
    const env = { ...process.env, SXRUN_HOME: '/proc/sxrun' };
    const args = ['--import', import.meta.resolve('tsx'), HARNESS, 'finish', 'allow', 'a.sync.ts', 'read:texts'];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8', timeout: 60_000 });
    assert.equal(status, 2);
    assert.match(stderr, /\/proc\/sxrun\/config.*SXRUN_HOME/);
    assert.doesNotMatch(stderr, /syncDb/);
  });

  it('that do not count any more are listed as stale', () => {
    const texts = join(folder, 'texts');
    writeFileSync(join(folder, 'sub.sync.ts'), 'export default {};\n');
    assert.match(sxrun('allow', 'a.sync.ts', 'read:texts', '--sub-project=sub.sync.ts').stdout, /a\.sync\.ts with .*sub\.sync\.ts may, until/);
    const sub = join(folder, 'sub.sync.ts');
    assert.ok(sxrun('grants').stdout.endsWith(`  read:${texts}  (also in ${sub})\n`));
    writeFileSync(sub, 'export default { mirror: true };\n');
    assert.ok(sxrun('grants').stdout.endsWith(`  read:${texts}  (also in ${sub} stale: changed since allowed)\n`));
    writeFileSync(join(folder, 'a.sync.ts'), 'export default {};\n');
    rmSync(sub);
    assert.ok(sxrun('grants').stdout.endsWith(`  read:${texts}  (stale: changed since allowed; also in ${sub} stale: the file is gone)\n`));
  });

  it('have help of their own', () => {
    for (const command of ['allow', 'grants', 'revoke']) {
      const help = sxrun(command, '--help');
      assert.equal(help.code, 0);
      assert.ok(help.stdout.startsWith(`sxrun ${command}`));
    }
  });
});
