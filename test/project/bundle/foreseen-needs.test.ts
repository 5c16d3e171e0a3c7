import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foreseenNeeds } from '../../../runtime/project/bundle/foreseen-needs.ts';

const placesIn = (code: string) => foreseenNeeds(code).map((need) => (need.kind === 'net' ? `${need.host}:${need.port}` : need.kind));

test('mail servers that are written out in a script are foreseen', () => {
  const code = `const server = "smtp://me@mail.example"; send({ server: 'smtps://a:p"w@b.example:4650' });`;
  assert.deepEqual(placesIn(code), ['mail.example:587', 'b.example:4650']);
  assert.deepEqual(placesIn('x = `smtp://c.example`'), ['c.example:587']);
});

test('what is computed, or no server, is not', () => {
  const computed = `\`smtp://${'$'}{host}\``;
  for (const code of [computed, '"smtp://" + host', '"smtp://"', '"smtp://no host/"', '"smtp://a\n"', '"https://a.example"', 'smtp://a.example', ''])
    assert.deepEqual(placesIn(code), [], code);
});
