import { dirname } from 'node:path';
import type ts from 'typescript';
import type { Need } from '../../permissions/need.ts';
import { firstRequest, HttpRequestError, needOf } from '../host/http-request.ts';
import { parseMailAddresses } from '../host/mail-address.ts';
import { parseMailServer } from '../host/mail-server.ts';
import { placeNeeds, type WantedPlace } from '../host/xfile-places.ts';
import { literalOf, propertiesOf, UNKNOWN } from './literal.ts';
import type { CheckedProgram } from './program.ts';
import type { SdkCall } from './sdk-calls.ts';

type Access = WantedPlace['access'];

/** What each argument of these takes, in order. */
const FILE_ACCESS: Readonly<Record<string, readonly Access[]>> = {
  'xfile.exists': ['read'],
  'xfile.stat': ['read'],
  'xfile.list': ['read'],
  'xfile.walk': ['read'],
  'xfile.readText': ['read'],
  'xfile.readBytes': ['read'],
  'xfile.writeText': ['write'],
  'xfile.writeBytes': ['write'],
  'xfile.appendText': ['read and write'],
  'xfile.copy': ['read', 'write'],
  'xfile.move': ['read and write', 'write'],
  'xfile.remove': ['write'],
  'xfile.touch': ['write'],
  'xfile.mkdir': ['write'],
  'xfile.rmdir': ['write'],
  'xfile.removeRecursive': ['read and write'],
  lock: ['read and write'],
  'sync.do': ['read'],
  'sync.apply': ['read'],
  'plan.save': ['write'],
};

/** What a call takes, as far as the source shows. */
export interface CallNeeds {
  readonly needs: readonly Need[];
  /** There is more, and only a run can tell what. */
  readonly isOpen: boolean;
}

/** Throws RangeError for arguments that no run takes. */
export function needsOfCall(call: SdkCall, program: CheckedProgram): CallNeeds {
  const [first, second] = call.args.map((argument) => literalOf(argument, program));
  const directory = dirname(call.source.fileName);
  const files = FILE_ACCESS[call.name];
  if (files !== undefined) {
    const urls = [first, second];
    const wanted = files.flatMap((access, index): WantedPlace[] => {
      const url = urls[index];
      return typeof url === 'string' && url !== '' ? [{ url, access, itself: false }] : [];
    });
    return {
      needs: placeNeeds(wanted, { directory }),
      isOpen: RUNS_OTHERS.has(call.name) ? runsOthers(call.args, program) : wanted.length < files.length,
    };
  }
  if (call.name === 'mail.send') return named('mail.send', () => mailNeeds(call.args[0], program, directory));
  const needs = typeof first === 'string' ? needsOfName(call.name, first) : [];
  return { needs, isOpen: NAMING.has(call.name) && typeof first !== 'string' };
}

/** They take what a project file or a plan takes. */
const RUNS_OTHERS: ReadonlySet<string> = new Set(['sync.do', 'sync.apply']);
const NAMING: ReadonlySet<string> = new Set(['exec', 'env', 'secret', 'fetch', 'used']);

/** Projects that are values are looked at where they are defined. */
function runsOthers(args: readonly ts.Expression[], program: CheckedProgram): boolean {
  const [target] = args;
  return target !== undefined && mayBe(program.ts.TypeFlags.StringLike, target, program);
}

/** Whether a value of that kind, or one of unknown type, can come there; in a list, too. */
function mayBe(flags: ts.TypeFlags, node: ts.Expression, { ts: kinds, checker }: CheckedProgram): boolean {
  const wanted = flags | kinds.TypeFlags.Any | kinds.TypeFlags.Unknown;
  const isSuch = (type: ts.Type): boolean => {
    if ((type.flags & wanted) !== 0) return true;
    if (type.isUnion()) return type.types.some(isSuch);
    return checker.isArrayType(type) || checker.isTupleType(type) ? checker.getTypeArguments(type as ts.TypeReference).some(isSuch) : false;
  };
  return isSuch(checker.getTypeAtLocation(node));
}

function needsOfName(call: string, name: string): readonly Need[] {
  switch (call) {
    case 'exec':
      return [{ kind: 'run', program: name }];
    case 'env':
    case 'secret':
      return [{ kind: call, name }];
    case 'fetch':
      return [netNeed(name)];
    default:
      return [];
  }
}

/** What is wrong is said with the function that it is wrong for. */
function named<Result>(name: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    throw error instanceof RangeError ? new RangeError(`${name}: ${error.message}`) : error;
  }
}

function netNeed(url: string): Need {
  try {
    return needOf(firstRequest({ url, method: 'GET', headers: [], body: undefined }));
  } catch (error) {
    throw error instanceof HttpRequestError ? new RangeError(`fetch: ${error.message}`) : error;
  }
}

function mailNeeds(mail: ts.Expression | undefined, program: CheckedProgram, directory: string): CallNeeds {
  const properties = mail !== undefined && program.ts.isObjectLiteralExpression(mail) ? propertiesOf(mail, program) : undefined;
  if (mail === undefined || !program.ts.isObjectLiteralExpression(mail) || properties === undefined) return { needs: [], isOpen: true };
  for (const field of ['from', 'to', 'cc', 'bcc', 'replyTo']) {
    const addresses = [properties.get(field)].flat().filter((address) => typeof address === 'string');
    parseMailAddresses(addresses, field);
  }
  const server = properties.get('server');
  const net: Need[] = [];
  if (typeof server === 'string') {
    const { host, port } = parseMailServer(server);
    net.push({ kind: 'net', host, port });
  }
  const attachments = properties.get('attachments');
  const listed = Array.isArray(attachments) ? attachments : [];
  const named = [properties.get('ca'), ...listed, ...[properties.get('text'), properties.get('html')].map(fileOf), ...listed.map(fileOf)];
  const paths = named.filter((path) => typeof path === 'string');
  const password = properties.get('password');
  const secret = password !== UNKNOWN && password !== null && typeof password === 'object' && 'secret' in password ? password.secret : undefined;
  const secrets: Need[] = typeof secret === 'string' ? [{ kind: 'secret', name: secret }] : [];
  const wanted = paths.map((url): WantedPlace => ({ url, access: 'read', itself: false }));
  const hasSpread = mail.properties.some((property) => program.ts.isSpreadAssignment(property));
  const isOpen = hasSpread || OPENING.some((field) => properties.get(field) === UNKNOWN) || isFileOpen(mail, properties, program);
  return { needs: [...net, ...secrets, ...placeNeeds(wanted, { directory })], isOpen };
}

const OPENING = ['server', 'ca', 'attachments'];

/** A text that is computed is no file; what may be an object may name one, or a secret. */
function isFileOpen(mail: ts.ObjectLiteralExpression, properties: ReadonlyMap<string, unknown>, program: CheckedProgram): boolean {
  const { ts: kinds } = program;
  return mail.properties.some((property) => {
    const name = property.name !== undefined && 'text' in property.name ? property.name.text : '';
    if (!['text', 'html', 'password'].includes(name) || properties.get(name) !== UNKNOWN) return false;
    const value = kinds.isPropertyAssignment(property)
      ? property.initializer
      : kinds.isShorthandPropertyAssignment(property)
        ? property.name
        : undefined;
    return value === undefined || mayBe(kinds.TypeFlags.Object, value, program);
  });
}

function fileOf(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return undefined;
  return 'file' in value ? value.file : 'path' in value ? value.path : undefined;
}
