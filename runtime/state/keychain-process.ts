/** A process that asks the keychain one thing and is then ended: see keychain.ts. */
import { askKeychain, type KeychainRequest } from './keychain-entries.ts';

process.once('message', (request: KeychainRequest) => {
  void askKeychain(request, () => import('@napi-rs/keyring')).then((reply) => process.send?.(reply));
});
// Whoever asked is gone. A call that hangs would keep this process from ending in any other way.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
