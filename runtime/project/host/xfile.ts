import { lstat } from 'node:fs/promises';
import * as z from 'zod/mini';
import type { FileMethods } from '../../../sdk/xfile-protocol.ts';
import { placeIn } from '../command-context.ts';
import { localPathOf } from '../root-url.ts';
import type { HostFunctions } from './host-function.ts';

const url = z.string({ error: 'the path of a file or another root URL' });

/** `xfile`: files on any root URL. */
export const fileFunctions: HostFunctions<keyof FileMethods> = {
  'xfile.exists': {
    request: z.strictObject({ url }),
    async run(request, { broker, directory }) {
      const [path = ''] = await broker.require([{ kind: 'read', path: localPathOf(request.url, placeIn(directory)) }]);
      return lstat(path).then(
        () => true,
        () => false,
      );
    },
  },
};
