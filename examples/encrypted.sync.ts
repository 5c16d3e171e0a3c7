// Encrypted backup: each file is compressed, then encrypted by GnuPG with a passphrase that is kept by `sxrun secret set backup`; a second project brings them back.
import { type Encoder, sync } from 'sxrun';

const options = ['--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase-fd', '%PASSPHRASE_FD%'];
const gpg: Encoder = {
  encode: ['gpg', ...options, '--symmetric'],
  decode: ['gpg', ...options, '--decrypt'],
  extension: '.gpg',
  passphrase: 'backup', // the name of the secret, not the passphrase
  passphraseFd: 0, // the first line of the input, which works for gpg on every system
};

await sync.do({
  name: 'backup',
  roots: ['data/texts', { url: 'igz:ienc:out/encrypted/backup', targetOnly: true, autoMkdir: true }],
  encoders: { gpg },
});
await sync.do({
  name: 'restore',
  roots: ['igz:ienc:out/encrypted/backup', { url: 'out/encrypted/restored', targetOnly: true, autoMkdir: true }],
  encoders: { gpg },
});
