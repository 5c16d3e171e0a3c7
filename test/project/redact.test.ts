import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { shellWord } from '../../runtime/permissions/shell-word.ts';
import { printable } from '../../runtime/printable.ts';
import { createRedactor } from '../../runtime/project/redact.ts';

function hiding(...values: readonly string[]): (text: string) => string {
  const redactor = createRedactor();
  for (const value of values) redactor.add(value);
  return redactor.redact;
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

test('a secret is hidden as it is, in URLs, in base64, in JSON, and where it is shown escaped', () => {
  const secret = 'p@ss wörd/+?\u001b!';
  const redact = hiding(secret);
  const texts = [
    secret,
    encodeURIComponent(secret),
    encodeURIComponent(secret).toLowerCase(),
    encodeURI(secret),
    new URLSearchParams({ '': secret }).toString().slice(1),
    [...Buffer.from(secret)].map((byte) => `%${byte.toString(16)}`).join(''),
    base64(secret),
    Buffer.from(secret).toString('base64url'),
    JSON.stringify(secret).slice(1, -1),
    printable(secret),
    encodeURIComponent(encodeURIComponent(secret)),
    JSON.stringify(JSON.stringify(secret).slice(1, -1)).slice(1, -1),
    Buffer.from(secret).toString('hex'),
    Buffer.from(secret).toString('hex').toUpperCase(),
  ];
  for (const text of texts) assert.equal(redact(`a ${text} b`), 'a *** b', text);
  const url = new URL('ftp://me@host/');
  url.password = secret;
  assert.equal(redact(url.href), 'ftp://me:***@host/');
});

test('a secret is hidden in HTML and quoted for a shell', () => {
  const secret = `<a href="b">&'c'`;
  const redact = hiding(secret);
  for (const apostrophe of ['&#39;', '&#x27;', '&apos;'])
    assert.equal(redact(`<td>&lt;a href=&quot;b&quot;&gt;&amp;${apostrophe}c${apostrophe}</td>`), '<td>***</td>');
  assert.equal(redact(`run curl ${shellWord(secret, 'linux')}`), "run curl '***'");
});

test('what is left of a secret where a message is cut off is hidden, too', () => {
  const redact = hiding('correct horse battery');
  for (let length = 8; length <= 21; length++) {
    const cut = 'correct horse battery'.slice(0, length);
    for (const [text, shown] of [
      [`it was ${cut}`, 'it was ***'],
      [`it was ${cut}…", and so on`, 'it was ***…", and so on'],
      [`it was ${cut}\nnext`, 'it was ***\nnext'],
    ] as const)
      assert.equal(redact(text), shown);
  }
  assert.equal(redact('all is correct'), 'all is correct');
  assert.equal(redact('a correct horse is here'), 'a correct horse is here');
  assert.equal(hiding('short pw')('a short p'), 'a short p');
});

test('a secret is hidden in the base64 of a longer text, wherever it begins in it', () => {
  const secret = 'correct horse battery';
  const redact = hiding(secret);
  for (const before of ['', 'a', 'ab', 'abc', 'user:', 'user1:', 'user12:']) {
    for (const after of ['', '\n', '12', '123']) {
      const shown = redact(base64(before + secret + after));
      assert.match(shown, /\*\*\*/, before);
      const left = Buffer.from(shown.replace('***', ''), 'base64').toString('latin1');
      assert.ok(!/horse|batt/.test(left), left);
    }
  }
});

test('of a secret with several lines, each long line is hidden by itself, its frame is not', () => {
  const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\nshort\nQyNTUxOQAAACDs1lK2\n-----END OPENSSH PRIVATE KEY-----\n';
  const redact = hiding(key);
  assert.equal(redact(key), '***');
  assert.equal(redact('b3BlbnNzaC1rZXktdjEAAAAA'), '***');
  assert.equal(redact('10:04 QyNTUxOQAAACDs1lK2'), '10:04 ***');
  assert.equal(redact('short -----BEGIN OPENSSH PRIVATE KEY-----'), 'short -----BEGIN OPENSSH PRIVATE KEY-----');
});

test('a secret of less than 4 characters is hidden as a word of its own only, an empty one not at all', () => {
  const redact = hiding('12', 'öx', '');
  assert.equal(redact('12 copied, 312 kept, 12.5 MB, a12, pin=12, öx, Köxin'), '*** copied, 312 kept, ***.5 MB, a12, pin=***, ***, Köxin');
  assert.equal(redact(''), '');
});

test('a secret that begins another one leaves nothing of that to be read', () => {
  const redact = hiding('secret', 'secret-longer', 'longer');
  assert.equal(redact('secret-longer'), '***');
  assert.equal(hiding('secret-longer', 'secret')('secret-longer secret'), '*** ***');
});

test('secrets are text, not patterns', () => {
  const redact = hiding('a.c(d)[e]', '$&$1', '^****$', 'back\\slash', '\ud800odd');
  assert.equal(redact('abc(d)[e] a.c(d)[e]'), 'abc(d)[e] ***');
  assert.equal(redact('$&$1 ^****$ back\\slash'), '*** *** ***');
});

test('no secret comes through, whatever stands around it', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 4, unit: 'grapheme' }),
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'grapheme' }),
      (secret, before, after) => {
        fc.pre(!secret.includes('*') && secret.trim().length >= 4);
        const redact = hiding(secret);
        assert.ok(!redact(before + secret + after).includes(secret));
        assert.ok(!redact(before + encodeURIComponent(secret) + after).includes(encodeURIComponent(secret)));
      },
    ),
  );
});
