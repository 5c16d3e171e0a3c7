import { BlockList, isIPv6 } from 'node:net';
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { normalHost } from '../../permissions/host.ts';

/** Addresses that mean this machine, or what is beside it on the same cable (cloud machines ask there for their logins). */
const OWN = new BlockList();
OWN.addSubnet('127.0.0.0', 8, 'ipv4');
OWN.addSubnet('0.0.0.0', 8, 'ipv4');
OWN.addSubnet('169.254.0.0', 16, 'ipv4');
OWN.addAddress('::', 'ipv6');
OWN.addAddress('::1', 'ipv6');
OWN.addSubnet('fe80::', 10, 'ipv6');
OWN.addSubnet('fd00:ec2::', 32, 'ipv6');

/** `address` as the system's resolver gives it. */
export function isOwnMachine(address: string): boolean {
  const plain = normalHost(address)?.replace(/^\[|\]$/g, '') ?? address;
  return OWN.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
}

/**
 * Looks up a name for a connection that was granted by that name. Whoever owns the name says where it leads, and may say something else each time (DNS rebinding), so an address of this machine takes a grant of its own:
 * `permit` rejects when there is none. Only `localhost` and what ends in `.localhost` mean this machine by their name.
 */
export function guardedLookup(permit: (address: string) => Promise<unknown>): LookupFunction {
  return (hostname, options, callback) => {
    const found = async () => {
      const addresses = await lookup(hostname, { ...options, all: true });
      const isMeant = /(?:^|\.)localhost$/i.test(hostname);
      for (const { address } of addresses) if (!isMeant && isOwnMachine(address)) await permit(address);
      return addresses;
    };
    found().then(
      (addresses) => {
        const [first] = addresses;
        if (options.all === true || first === undefined) callback(null, addresses);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
}
