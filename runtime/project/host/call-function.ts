import type * as z from 'zod/mini';
import type { FunctionMethod } from '../../../sdk/protocol.ts';
import { type FunctionCall, ScriptCallError } from '../../sandbox/script-host.ts';
import { closest, shown } from '../options/option-message.ts';
import { placeText } from '../place-text.ts';
import { wireErrorOf } from '../sync-failure.ts';
import { auditSubjectOf } from './audit-subject.ts';
import type { HostContext, HostFunction } from './host-function.ts';
import { hostFunctions } from './host-functions.ts';

/** Checks what the script sent, and does what it asks for. Rejects with ScriptCallError for whatever a script can cause. */
export async function callFunction(call: FunctionCall, context: HostContext): Promise<unknown> {
  const wanted = hostFunctions[call.method] as HostFunction<FunctionMethod>;
  const checked = wanted.request.safeParse(call.request);
  if (!checked.success) throw new ScriptCallError({ code: 'options', message: wrongRequest(call, checked.error.issues[0]) });
  context.command.audit?.({
    what: 'call',
    project: context.projectFile,
    method: call.method,
    value: auditSubjectOf(checked.data),
    ...(context.simulation ? { simulation: true } : {}),
  });
  try {
    return await wanted.run(checked.data, context, () => placeText(call.place()));
  } catch (error) {
    const failure = wireErrorOf(error);
    if (failure === undefined) throw error;
    throw new ScriptCallError(failure);
  }
}

/** The message of an issue whose check was given no words. */
const UNSAID = 'Invalid input';

/** As scripts write them. */
function namesOf(method: FunctionMethod): string[] {
  const { def } = hostFunctions[method].request._zod as { readonly def: { readonly shape?: object } };
  return Object.keys(def.shape ?? {}).map(withoutUnit);
}

/** Spans of time cross the wall in ms. */
function withoutUnit(name: string): string {
  return name.replace(/Ms$/, '');
}

function wrongRequest({ method: called, request }: FunctionCall, issue: z.core.$ZodIssue | undefined): string {
  const method = called === 'lock.take' ? 'lock' : called;
  if (issue?.code === 'unrecognized_keys') {
    const unknown = `${method}: ${[...issue.path, issue.keys[0] ?? ''].map(String).join('.')} is unknown`;
    if (issue.message !== UNSAID) return `${unknown}; it wants ${issue.message}`;
    const meant = issue.path.length > 0 ? undefined : closest(issue.keys[0] ?? '', namesOf(called));
    return meant === undefined ? unknown : `${unknown}; did you mean "${meant}"?`;
  }
  let value: unknown = request;
  for (const part of issue?.path ?? [])
    value = value !== null && typeof value === 'object' ? (value as Record<PropertyKey, unknown>)[part] : undefined;
  const name = withoutUnit((issue?.path ?? []).map(String).join('.'));
  const subject = name === '' ? method : `${method}: ${name}`;
  return value === undefined ? `${subject} is missing; it wants ${issue?.message}` : `${subject} is ${shown(value)}; it wants ${issue?.message}`;
}
