import type ts from 'typescript';
import { Callback } from '../options/wire-options.ts';
import type { CheckedProgram } from './program.ts';

/** What only running the script can tell. */
export const UNKNOWN = Symbol('unknown');

/** Constants that name constants, and so on. */
const DEEPEST = 20;

/**
 * The value that an expression has whatever happens: literals, lists and objects of them, texts put together from such, and constants that are such, of other modules too. Functions are
 * callbacks. Otherwise UNKNOWN.
 */
export function literalOf(node: ts.Expression, program: CheckedProgram, depth = 0): unknown {
  const { ts: kinds } = program;
  const inner = (expression: ts.Expression) => literalOf(expression, program, depth + 1);
  if (depth > DEEPEST) return UNKNOWN;
  if (kinds.isParenthesizedExpression(node) || kinds.isAsExpression(node) || kinds.isSatisfiesExpression(node)) return inner(node.expression);
  if (kinds.isStringLiteralLike(node)) return node.text;
  if (kinds.isTemplateExpression(node))
    return textOf([node.head.text, ...node.templateSpans.flatMap((span) => [inner(span.expression), span.literal.text])]);
  if (kinds.isBinaryExpression(node) && node.operatorToken.kind === kinds.SyntaxKind.PlusToken) {
    const [left, right] = [inner(node.left), inner(node.right)];
    return typeof left === 'string' || typeof right === 'string' ? textOf([left, right]) : UNKNOWN;
  }
  if (kinds.isNumericLiteral(node)) return Number(node.text);
  if (kinds.isArrowFunction(node) || kinds.isFunctionExpression(node)) return new Callback(0, program);
  if (kinds.isPrefixUnaryExpression(node)) {
    const value = inner(node.operand);
    return node.operator === kinds.SyntaxKind.MinusToken && typeof value === 'number' ? -value : UNKNOWN;
  }
  if (kinds.isArrayLiteralExpression(node)) {
    const items = node.elements.map(inner);
    return items.includes(UNKNOWN) ? UNKNOWN : items;
  }
  if (kinds.isObjectLiteralExpression(node)) return objectOf(node, program, depth);
  if (kinds.isIdentifier(node)) return constantOf(node, program, depth);
  switch (node.kind) {
    case kinds.SyntaxKind.TrueKeyword:
      return true;
    case kinds.SyntaxKind.FalseKeyword:
      return false;
    case kinds.SyntaxKind.NullKeyword:
      return null;
    default:
      return UNKNOWN;
  }
}

function textOf(parts: readonly unknown[]): unknown {
  return parts.every((part) => typeof part === 'string' || typeof part === 'number' || typeof part === 'boolean') ? parts.join('') : UNKNOWN;
}

/** The properties of an object literal by name; the value of a method is a callback. undefined: a name can only be known by running. */
export function propertiesOf(node: ts.ObjectLiteralExpression, program: CheckedProgram, depth = 0): ReadonlyMap<string, unknown> | undefined {
  const { ts: kinds } = program;
  const found = new Map<string, unknown>();
  for (const property of node.properties) {
    if (property.name === undefined || kinds.isComputedPropertyName(property.name)) return undefined;
    const name = property.name.text;
    if (kinds.isPropertyAssignment(property)) found.set(name, literalOf(property.initializer, program, depth + 1));
    else if (kinds.isMethodDeclaration(property)) found.set(name, new Callback(0, program));
    else if (kinds.isShorthandPropertyAssignment(property)) found.set(name, literalOf(property.name, program, depth + 1));
    else found.set(name, UNKNOWN);
  }
  return found;
}

function objectOf(node: ts.ObjectLiteralExpression, program: CheckedProgram, depth: number): unknown {
  const properties = propertiesOf(node, program, depth);
  if (properties === undefined || [...properties.values()].includes(UNKNOWN)) return UNKNOWN;
  return Object.fromEntries(properties);
}

function constantOf(node: ts.Identifier, program: CheckedProgram, depth: number): unknown {
  const { ts: kinds, checker } = program;
  const isShorthand = kinds.isShorthandPropertyAssignment(node.parent);
  const named = isShorthand ? checker.getShorthandAssignmentValueSymbol(node.parent) : checker.getSymbolAtLocation(node);
  const symbol = named !== undefined && (named.flags & kinds.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(named) : named;
  const declaration = symbol?.valueDeclaration;
  if (declaration === undefined) return UNKNOWN;
  if (kinds.isFunctionDeclaration(declaration)) return new Callback(0, program);
  if (!kinds.isVariableDeclaration(declaration) || declaration.initializer === undefined || !kinds.isIdentifier(declaration.name)) return UNKNOWN;
  if ((kinds.getCombinedNodeFlags(declaration) & kinds.NodeFlags.Const) === 0) return UNKNOWN;
  const value = literalOf(declaration.initializer, program, depth + 1);
  // What a constant holds can be changed, but not what it is.
  return typeof value === 'object' && value !== null && !(value instanceof Callback) ? UNKNOWN : value;
}
