// Rotating incremental backup into ZIP archives: every week begins one of its own, within the week only what changed is added. The four newest stay.
import { defineProject, log, period, sync, xfile } from 'sxrun';

const folder = 'out/archives';
const archive = `${folder}/${period('week')}.zip`; // such as 2026-W47.zip

await sync.do(defineProject({ roots: ['data/texts', { url: `zip:${archive}`, targetOnly: true, autoMkdir: true }] }));

const archives = (await xfile.list(folder)).filter(({ name }) => /^\d{4}-W\d\d\.zip$/.test(name));
for (const { name, url } of archives.sort((a, b) => a.name.localeCompare(b.name)).slice(0, -4)) {
  await xfile.remove(url);
  log.info(`${name} is removed`);
}

// Back from an archive: sync.do({ roots: [`zip:${archive}`, { url: 'restored', targetOnly: true, autoMkdir: true }] })
