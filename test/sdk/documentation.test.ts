import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';
import { REPOSITORY } from '../kit/built-command.ts';

/** Properties of an exported type or value, each with what an editor shows of it. */
function shown(program: ts.Program, name: string): ReadonlyMap<string, string> {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(join(REPOSITORY, 'sdk', 'index.ts'));
  const module = source && checker.getSymbolAtLocation(source);
  const found = module && checker.getExportsOfModule(module).find((one) => one.name === name);
  assert.ok(found, name);
  const symbol = (found.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(found) : found;
  const type = (symbol.flags & ts.SymbolFlags.Value) !== 0 ? checker.getTypeOfSymbol(symbol) : checker.getDeclaredTypeOfSymbol(symbol);
  return new Map(type.getProperties().map((property) => [property.name, ts.displayPartsToString(property.getDocumentationComment(checker))]));
}

test('an editor describes every option, and every property of sync', () => {
  const program = ts.createProgram([join(REPOSITORY, 'sdk', 'index.ts')], {
    allowImportingTsExtensions: true,
    noEmit: true,
    types: [],
    strict: true,
  });
  for (const name of ['Project', 'Root', 'Guard', 'sync']) {
    const silent = [...shown(program, name)].filter(([, words]) => words === '').map(([property]) => property);
    assert.deepEqual(silent, [], name);
  }
});
