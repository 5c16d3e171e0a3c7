import { sync } from 'sxrun';

/** Folders for an example to play with, each an exact copy of data/texts, which itself stays as it is. Returns their paths. */
export async function freshFolders(...names: string[]): Promise<string[]> {
  const folders = names.map((name) => `out/${name}`);
  await sync.do({
    name: 'fresh folders',
    roots: ['data/texts', ...folders.map((url) => ({ url, targetOnly: true, autoMkdir: true }))],
    mirror: true,
    compare: 'content',
  });
  return folders;
}

/** Puts the changed recipe of data/CHANGES into a folder, as if someone had worked there. Nothing else is touched. */
export async function editSoup(folder: string, changes: string): Promise<void> {
  await sync.do({
    name: `someone edits ${folder}/recipes/soup.md`,
    roots: [`data/${changes}`, { url: folder, targetOnly: true }],
    mirror: true,
    excludeFiles: ['*'],
    includeFiles: ['/recipes/soup.md'],
  });
}
