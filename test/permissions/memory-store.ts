import { NO_GRANTS, validateGrantsFile, type GrantsFile, type GrantsStore } from '../../runtime/permissions/remembered.ts';

/** A store that goes through JSON like the real one, with what it holds in sight. */
export function memoryStore(): GrantsStore & { readonly text: string } {
  let text = JSON.stringify(NO_GRANTS);
  const read = async (): Promise<GrantsFile> => validateGrantsFile(JSON.parse(text));
  return {
    read,
    async update(change) {
      text = JSON.stringify(change(await read()));
    },
    get text() {
      return text;
    },
  };
}
