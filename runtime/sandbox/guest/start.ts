import { refuseStuckCallbacks } from '../../../sdk/callbacks.ts';
import type { Facts } from '../../../sdk/protocol.ts';
import { seeValues } from '../../../sdk/value-now.ts';
import { connect, pendingCalls, reportNeverAwaited } from '../../../sdk/transport.ts';
import { bridge } from './bridge.ts';

/* The first module of every bundle: ties the SDK to the bridge before any of the script's own modules runs. */
const receive = connect({
  facts: JSON.parse(bridge.facts) as Facts,
  send: (text, bytes) => (bytes === undefined ? bridge.send(text) : bridge.send(text, bytes.buffer, bytes.byteOffset, bytes.byteLength)),
});
if (bridge.valueNow !== undefined) seeValues(bridge.valueNow);
bridge.offer({
  receive: (text, bytes) => receive(text, bytes && new Uint8Array(bytes.slice(0))),
  pendingCalls: () => {
    refuseStuckCallbacks(pendingCalls());
    return pendingCalls();
  },
  ended: reportNeverAwaited,
});
Reflect.deleteProperty(globalThis, 'sxrunBridge');
