// Moving a tree: files are copied, and those that have arrived are removed from the source, whose folders stay.
import { defineProject, log, sync, xfile } from 'sxrun';

const source = './incoming'; // is emptied
const target = './archive'; // made when it is missing

const project = defineProject({
  roots: [source, { url: target, targetOnly: true, autoMkdir: true }],

  // What is still being written is left alone, if it has a name that tells.
  excludeFiles: ['*.part', '*.tmp'],

  // One unreadable file does not keep the others from moving.
  onError: 'continue-files',
});

const { actions } = await sync.do(project);
const brought = new Set(actions.map(({ path }) => path));

// Everything that both have, so that a run that was interrupted is made good by the next one. A simulation has brought nothing: it goes by its plan.
for await (const file of xfile.walk(source)) {
  const arrived = sync.simulation && brought.has(file.path) ? file : await xfile.stat(`${target}/${file.path}`);
  const apartMs = Number(arrived?.modified ?? 0) - Number(file.modified ?? 0);
  if (arrived?.size !== file.size || Math.abs(apartMs) > 2000) {
    log.info(`${file.path} stays: it is not in ${target} yet`);
    continue;
  }
  // What somebody changes at this moment is not what has arrived, and stays for the next run.
  try {
    await xfile.remove(file.url, { ifUnchanged: file });
  } catch (error) {
    log.warn(`${file.path} stays: ${error}`);
  }
}
