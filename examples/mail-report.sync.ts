// E-mail after the job: what was done, with the log of this run.
//   sxrun examples/mail-report.sync.ts -- smtp://me@mail.example me@example.org
import { mail, sync } from 'sxrun';

const [server, to, ca] = sync.args; // ca: the certificate of a server that made its own
if (server === undefined || to === undefined) throw new Error('give a mail server and an address after --, as shown above');

const { copied, collisions, problems } = await sync.do({
  name: 'backup',
  roots: ['data/texts', { url: 'out/mail-report', targetOnly: true, autoMkdir: true }],
  logFile: { path: 'out/mail-report.log', mode: 'overwrite' },
  onError: 'continue-files', // a file that cannot be copied is in the mail, too
});

await mail.send({
  server,
  from: 'sxrun <backup@example.org>',
  to,
  subject: `Backup: ${copied} copied, ${collisions.length} collisions, ${problems.length} problems`,
  text: { file: 'out/mail-report.log' },
  ...(ca === undefined ? {} : { ca }),
});
