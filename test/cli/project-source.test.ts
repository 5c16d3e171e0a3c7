import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { findProjectFile } from '../../runtime/cli/project-source.ts';
import { UsageError } from '../../runtime/cli/usage-error.ts';

describe('project file', () => {
  let full: string;
  let empty: string;
  before(() => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sxrun-cli-')));
    full = join(folder, 'full');
    empty = join(folder, 'empty');
    mkdirSync(join(full, 'sub'), { recursive: true });
    mkdirSync(empty);
    for (const name of ['photos.sync.ts', 'texts.sync.ts', 'picture.jpg', 'sub/config.sync.ts']) writeFileSync(join(full, name), '');
  });
  after(() => rmSync(join(full, '..'), { recursive: true }));

  const refused = async (path: string | undefined, directory: string, message: string) => {
    await assert.rejects(findProjectFile(path, directory), (error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.message, message);
      return true;
    });
  };

  it('is the one that is named, or config.sync.ts of the current folder', async () => {
    assert.equal(await findProjectFile('photos.sync.ts', full), join(full, 'photos.sync.ts'));
    assert.equal(await findProjectFile(join(full, 'texts.sync.ts'), empty), join(full, 'texts.sync.ts'));
    assert.equal(await findProjectFile(undefined, join(full, 'sub')), join(full, 'sub', 'config.sync.ts'));
  });

  it('that is missing is looked for in words, with a way to make one', async () => {
    await refused(
      undefined,
      empty,
      `no project file is named, and there is no config.sync.ts in ${empty}. Make one with "sxrun new", or name roots with -z -r`,
    );
    await refused(
      undefined,
      full,
      `no project file is named, and there is no config.sync.ts in ${full}; it has photos.sync.ts, texts.sync.ts. Make one with "sxrun new", or name roots with -z -r`,
    );
    await refused('music.sync.ts', empty, `there is no project file "music.sync.ts" in ${empty}. Make one with "sxrun new"`);
  });

  it('that is misspelt is guessed', async () => {
    await refused('photo.sync.ts', full, 'there is no project file "photo.sync.ts" (Did you mean photos.sync.ts?)');
    await refused('photos', full, 'there is no file "photos" (Did you mean photos.sync.ts?)');
    await refused(
      join('full', 'foto.sync.ts'),
      join(full, '..'),
      `there is no project file "${join('full', 'foto.sync.ts')}" in ${full}; it has photos.sync.ts, texts.sync.ts. Make one with "sxrun new"`,
    );
    await refused('nwe', full, 'there is no command and no project file "nwe" (Did you mean "sxrun new"?)');
    await refused('grants', full, '"grants" is a command: it comes first, before all options');
  });

  it('is neither a folder nor any file', async () => {
    await refused('sub', full, '"sub" is a folder; a project is a file that ends in .sync.ts; it has config.sync.ts');
    await refused('picture.jpg', full, '"picture.jpg" is no project file: their names end in .sync.ts');
    await refused('', full, 'the name of the project file is empty');
  });
});
