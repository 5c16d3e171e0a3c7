// E-mail on error: a backup that tells when it failed or left something undone; without a mail all is well.
import { defineProject, mail, sync } from 'sxrun';

const server = 'smtp://me@mail.example'; // Mail server, with your user name
const address = 'me@example.org'; // Address that gets the mail

const project = defineProject({
  roots: [
    './documents', // the source: never changed
    { url: './backup', targetOnly: true }, // only receives; when it is missing, such as a disk that is not there, there is a mail
  ],

  excludeFiles: ['*.tmp', '~$*'],

  // One unreadable file does not end the backup; it is in the mail.
  onError: 'continue-files',
});

const trouble: string[] = [];
try {
  const { collisions, problems } = await sync.do(project);
  for (const { path, reason, resolved } of collisions) if (resolved === undefined) trouble.push(`collision: ${path}: ${reason}`);
  for (const { path, message } of problems) trouble.push(`${path}: ${message}`);
} catch (error) {
  trouble.push(String(error));
}

// What is only needed on bad days, allow and keep it now:
//   sxrun allow THIS-FILE net:HOST:587
//   sxrun secret set password:smtp://USER@HOST
if (trouble.length > 0) {
  await mail.send({ server, from: address, to: address, subject: `Backup: ${trouble[0]}`, text: trouble.join('\n') });
}
