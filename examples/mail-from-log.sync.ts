// E-mail from the log: it is searched for what somebody should look at, and a mail is sent when there is something.
//   sxrun examples/mail-from-log.sync.ts -- smtp://me@mail.example me@example.org
import { log, mail, sync, xfile } from 'sxrun';

const [server, to, ca] = sync.args; // ca: the certificate of a server that made its own
if (server === undefined || to === undefined) throw new Error('give a mail server and an address after --, as shown above');

// Something to find: a folder stands where a file shall come.
await xfile.mkdir('out/mail-from-log/notes.txt', { parents: true });

await sync.do({
  name: 'backup',
  roots: ['data/texts', { url: 'out/mail-from-log', targetOnly: true }],
  logFile: { path: 'out/mail-from-log.log', mode: 'overwrite' },
  onError: 'continue-files',
});

const lines = (await xfile.readText('out/mail-from-log.log')).split('\n');
const found = lines.filter((line) => /^\S+ \S+ (collision|problem|warning|error)\b/.test(line)); // after date and time
log.info(`${found.length} lines to look at`);
if (found.length > 0) {
  await mail.send({
    server,
    from: 'sxrun <backup@example.org>',
    to,
    subject: 'Backup: please look at the log',
    text: found.join('\n'),
    ...(ca === undefined ? {} : { ca }),
  });
}
