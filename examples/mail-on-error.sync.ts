// E-mail on error: a mail with the end of the log tells what went wrong. Here a disk is missing.
//   sxrun examples/mail-on-error.sync.ts -- smtp://me@mail.example me@example.org
import { defineProject, formatTime, mail, sync } from 'sxrun';

const [server, to, ca] = sync.args; // ca: the certificate of a server that made its own
if (server === undefined || to === undefined) throw new Error('give a mail server and an address after --, as shown above');

const project = defineProject({
  roots: ['data/texts', { url: 'out/missing-disk', targetOnly: true }],
  logFile: 'out/mail-on-error.log',
});

try {
  await sync.do(project);
} catch (error) {
  await mail.send({
    server, // the password is asked for, and kept if you like: sxrun secret set password:smtp://me@mail.example
    from: 'sxrun <backup@example.org>',
    to,
    subject: `Backup of ${formatTime(new Date(), 'yyyy-MM-dd')} failed: ${String(error)}`,
    text: { file: 'out/mail-on-error.log', last: 50 },
    attachments: ['out/mail-on-error.log'],
    ...(ca === undefined ? {} : { ca }),
  });
}
