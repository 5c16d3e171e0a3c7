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
};

/** What a call with literal arguments takes; empty where only a run can tell. Throws RangeError for arguments that no run takes. */
export function needsOfCall(call: SdkCall, program: CheckedProgram): readonly Need[] {
  const [first, second] = call.args.map((argument) => literalOf(argument, program));
  const directory = dirname(call.source.fileName);
  const files = FILE_ACCESS[call.name];
  if (files !== undefined) {
    const urls = [first, second];
    const wanted = files.flatMap((access, index): WantedPlace[] => {
      const url = urls[index];
      return typeof url === 'string' && url !== '' ? [{ url, access, itself: false }] : [];
    });
    return placeNeeds(wanted, { directory });
  }
  if (call.name === 'mail.send') return named('mail.send', () => mailNeeds(call.args[0], program, directory));
  if (typeof first !== 'string') return [];
  switch (call.name) {
    case 'exec':
      return [{ kind: 'run', program: first }];
    case 'env':
    case 'secret':
      return [{ kind: call.name, name: first }];
    case 'fetch':
      return [netNeed(first)];
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

function mailNeeds(mail: ts.Expression | undefined, program: CheckedProgram, directory: string): readonly Need[] {
  const properties = mail !== undefined && program.ts.isObjectLiteralExpression(mail) ? propertiesOf(mail, program) : undefined;
  if (properties === undefined) return [];
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
  return [...net, ...secrets, ...placeNeeds(wanted, { directory })];
}

function fileOf(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return undefined;
  return 'file' in value ? value.file : 'path' in value ? value.path : undefined;
}
