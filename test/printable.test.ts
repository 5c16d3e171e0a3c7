import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPrintable, printable, printableLines } from '../runtime/printable.ts';

test('ordinary names are shown as they are, in any script', () => {
  for (const name of ['a b.txt', 'C:\\data\\x', 'grün', '日本語', 'עברית', '👩‍👧 family', 'it\'s "so"']) {
    assert.equal(printable(name), name);
    assert.equal(isPrintable(name), true);
  }
});

test('what could move the cursor, reorder or break the line is escaped', () => {
  const rows: [string, string][] = [
    ['a\nb', 'a\\nb'],
    ['a\r\tb', 'a\\r\\tb'],
    ['\x1b[2J', '\\x1b[2J'],
    ['\x00\x07\x7f', '\\x00\\x07\\x7f'],
    ['\x9b31m\x85', '\\x9b31m\\x85'],
    ['\u202etxt.exe', '\\u202etxt.exe'],
    ['\u2066\u2069\u200f\u061c', '\\u2066\\u2069\\u200f\\u061c'],
    ['\u2028\u2029\ufeff', '\\u2028\\u2029\\ufeff'],
    ['\ud800x', '\\ud800x'],
    ['te\u200bxts\u00ad\u2060\u3164', 'te\\u200bxts\\xad\\u2060\\u3164'],
  ];
  for (const [name, shown] of rows) {
    assert.equal(printable(name), shown);
    assert.equal(isPrintable(name), false);
  }
});

test('a message of several lines keeps its lines and nothing else', () => {
  assert.equal(printableLines('one\n\x1btwo\rthree'), 'one\n\\x1btwo\\rthree');
});
