import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { readTemplates } from '../../runtime/cli/template.ts';
import { REPOSITORY, resultsOf, runBuilt } from '../kit/built-command.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sxrun-templates-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

for (const template of readTemplates()) {
  test(`template ${template.name}, as sxrun new writes it, runs and then finds nothing to do`, async () => {
    const where = { currentDir: folder, home: join(folder, '..', `${folder.split(/[\\/]/).at(-1)}-home`) };
    const [first = '', ...others] = template.places;
    if (template.name === 'super-sync') for (const place of template.places) writeProject(place);
    else cpSync(join(REPOSITORY, 'examples', 'data', 'texts'), join(folder, first), { recursive: true });
    if (template.name !== 'super-sync') for (const other of others) mkdirSync(join(folder, other), { recursive: true });

    const made = await runBuilt(['new', template.name, ...template.places.flatMap((place) => ['--root', place])], where);
    assert.equal(made.code, 0, made.stderr);
    const copied: number[] = [];
    for (let run = 1; run <= 2; run++) {
      const outcome = await runBuilt(['--json', `${template.name}.sync.ts`], where);
      assert.equal(outcome.code, 0, outcome.stdout + outcome.stderr);
      copied.push(resultsOf(outcome).reduce((sum, result) => sum + result.copied, 0));
    }
    assert.ok(copied[0] !== undefined && copied[0] >= 8, `the first run copied ${copied[0]}`);
    assert.equal(copied[1], 0);
    rmSync(where.home, { recursive: true, force: true });
  });
}

/** A project for the super-sync: it copies the example texts to a folder of its own. */
function writeProject(file: string): void {
  const target = file.replace('.sync.ts', '');
  cpSync(join(REPOSITORY, 'examples', 'data', 'texts'), join(folder, `${target}-source`), { recursive: true });
  mkdirSync(join(folder, target));
  writeFileSync(
    join(folder, file),
    `import { defineProject } from 'sxrun';\nexport default defineProject({ roots: ['${target}-source', '${target}'] });\n`,
  );
}

test('templates are short, and their first line says what they are for', () => {
  for (const { name, text, description } of readTemplates()) {
    assert.ok(text.split('\n').length <= 40, `${name} is too long to start from`);
    assert.match(description, /^[A-Z][^.]+: .+\.$/);
    assert.equal(text, readFileSync(join(REPOSITORY, 'templates', `${name}.sync.ts`), 'utf8'));
  }
});
