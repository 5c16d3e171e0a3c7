import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatGrant, parseGrant } from '../runtime/permissions/grant.ts';
import { shellWord } from '../runtime/permissions/shell-word.ts';
import { secretNameFault } from '../runtime/secret-name.ts';

test('a secret’s name can be granted, and pasted into a shell', () => {
  const character = fc.oneof(
    fc.constantFrom(...'abcXYZ019_.:/@%+-~$"\'`;&|<>(){}[]!? \t\n=,*#\\'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
  );
  let names = 0;
  fc.assert(
    fc.property(fc.string({ unit: character, minLength: 1, maxLength: 6 }), (name) => {
      if (secretNameFault(name) !== undefined) return;
      names++;
      assert.equal(formatGrant(parseGrant(`secret:${name}`, '')), `secret:${name}`);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what shells give a meaning
      if (/^[\x00-\x7f]*$/.test(name)) assert.equal(shellWord(name, 'linux'), name);
    }),
    { numRuns: 2000 },
  );
  assert.ok(names > 50, String(names));
});

test('names as URLs make them are names of secrets', () => {
  for (const name of ['mail', 'password:sftp://me@host.example:2222', 'password:smtp://a%40b@host', 'ssh/id_ed25519', 'schlüssel']) {
    assert.equal(secretNameFault(name), undefined, name);
  }
});
