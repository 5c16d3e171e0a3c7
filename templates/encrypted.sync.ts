// Encrypted backup: each file is compressed, then encrypted by GnuPG with a passphrase; the same file brings them back.
import { defineProject, sync } from 'sxrun';

const documents = './documents'; // what is backed up: never changed
const backup = './backup'; // gets the encrypted files
const restored = './restored'; // another folder, where a restore brings them

// All is brought into another folder by: sxrun encrypted.sync.ts -- restore
const isRestore = sync.args.includes('restore');

// The passphrase is kept, for this machine and user, by: sxrun secret set backup
// Write it down as well: without it nobody reads the backup.
const options = ['--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase-fd', '%PASSPHRASE_FD%'];

export default defineProject({
  roots: isRestore
    ? [`igz:ienc:${backup}`, { url: restored, targetOnly: true, autoMkdir: true }]
    : [documents, { url: `igz:ienc:${backup}`, targetOnly: true, autoMkdir: true }],

  encoders: {
    gpg: {
      encode: ['gpg', ...options, '--symmetric'],
      decode: ['gpg', ...options, '--decrypt'],
      extension: '.gpg',
      passphrase: 'backup', // the name of the secret
      passphraseFd: 0, // gpg reads it as the first line of its input
    },
  },
});
