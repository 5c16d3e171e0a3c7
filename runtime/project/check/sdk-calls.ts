import type ts from 'typescript';
import type { CheckedProgram } from './program.ts';

/** A call of the SDK as the source has it. */
export interface SdkCall {
  /** `defineProject`, `sync.do`, `xfile.copy`, `exec` … */
  readonly name: string;
  readonly source: ts.SourceFile;
  readonly args: readonly ts.Expression[];
  readonly node: ts.Node;
}

/** Every call of something that is imported from `sxrun`, and every object that is exported as default (as a call of `defineProject`). */
export function sdkCalls(program: CheckedProgram): readonly SdkCall[] {
  const { ts: kinds } = program;
  return program.sources.flatMap((source) => {
    const names = importedNames(source, program);
    const calls: SdkCall[] = [];
    const visit = (node: ts.Node): void => {
      if (kinds.isCallExpression(node)) {
        const name = calledName(node.expression, names, program);
        if (name !== undefined) calls.push({ name, source, args: node.arguments, node });
        else if (isPlanSave(node.expression, program)) calls.push({ name: 'plan.save', source, args: node.arguments, node });
      } else if (kinds.isIdentifier(node) && isHandedOn(node, names, program)) {
        calls.push({ name: 'used', source, args: [], node });
      } else if (kinds.isExportAssignment(node) && kinds.isObjectLiteralExpression(node.expression)) {
        calls.push({ name: 'defineProject', source, args: [node.expression], node });
      }
      kinds.forEachChild(node, visit);
    };
    visit(source);
    return calls;
  });
}

/** A method of a plan that `sync.plan` gave. */
function isPlanSave(node: ts.Expression, { ts: kinds, checker }: CheckedProgram): boolean {
  if (!kinds.isPropertyAccessExpression(node) || node.name.text !== 'save') return false;
  return checker.getTypeAtLocation(node.expression).symbol?.name === 'Plan';
}

const REACHING: ReadonlySet<string> = new Set(['', 'xfile', 'exec', 'fetch', 'mail', 'lock', 'secret', 'env']);

/** A function of the SDK under another name, or given to something else: what it is called with cannot be seen. */
function isHandedOn(node: ts.Identifier, names: ReadonlyMap<string, string>, { ts: kinds }: CheckedProgram): boolean {
  const name = names.get(node.text);
  if (name === undefined || !REACHING.has(name)) return false;
  let at: ts.Node = node;
  if (kinds.isImportSpecifier(at.parent) || kinds.isNamespaceImport(at.parent) || kinds.isTypeQueryNode(at.parent)) return false;
  // The name of a property is not the thing.
  if ((kinds.isPropertyAccessExpression(at.parent) && at.parent.name === at) || (kinds.isPropertyAssignment(at.parent) && at.parent.name === at))
    return false;
  while (kinds.isPropertyAccessExpression(at.parent) && at.parent.expression === at) at = at.parent;
  return !(kinds.isCallExpression(at.parent) && at.parent.expression === at);
}

/** Local name → name in the SDK; empty for the whole of it (`import * as sx`). */
function importedNames(source: ts.SourceFile, { ts: kinds }: CheckedProgram): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const statement of source.statements) {
    if (!kinds.isImportDeclaration(statement) || !kinds.isStringLiteral(statement.moduleSpecifier) || statement.moduleSpecifier.text !== 'sxrun')
      continue;
    const bindings = statement.importClause?.namedBindings;
    if (bindings === undefined) continue;
    if (kinds.isNamespaceImport(bindings)) names.set(bindings.name.text, '');
    else for (const { name, propertyName } of bindings.elements) names.set(name.text, (propertyName ?? name).text);
  }
  return names;
}

function calledName(node: ts.Expression, names: ReadonlyMap<string, string>, program: CheckedProgram): string | undefined {
  if (program.ts.isIdentifier(node)) return names.get(node.text);
  if (!program.ts.isPropertyAccessExpression(node)) return undefined;
  const before = calledName(node.expression, names, program);
  return before === undefined ? undefined : [before, node.name.text].filter((part) => part !== '').join('.');
}
