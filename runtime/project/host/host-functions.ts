import type { HostFunctions } from './host-function.ts';
import { execFunctions } from './exec.ts';
import { fetchFunctions } from './fetch.ts';
import { lockFunctions } from './lock.ts';
import { mailFunctions } from './mail.ts';
import { planFunctions } from './plans.ts';
import { valueFunctions } from './values.ts';
import { fileFunctions } from './xfile.ts';

/** Everything that a script can call, besides `sync`. */
export const hostFunctions: HostFunctions = {
  ...planFunctions,
  ...fileFunctions,
  ...lockFunctions,
  ...valueFunctions,
  ...execFunctions,
  ...fetchFunctions,
  ...mailFunctions,
};
