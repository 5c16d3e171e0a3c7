import { TextDecoder } from 'node:util';
import type { WireResponse } from '../../../sdk/fetch-protocol.ts';
import type { HeldShare } from './held-bytes.ts';
import type { HttpRequest } from './http-request.ts';
import { guardedLookup } from './own-machine.ts';

export interface SendOptions {
  /** Of the content, unpacked. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  /** Asked for each address of this machine that the host's name leads to; see `guardedLookup`. */
  permit(address: string): Promise<unknown>;
  /** Where the content is counted while it comes in. */
  readonly share: HeldShare;
}

/** The content has more bytes than it may. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
  readonly maxBytes: number;

  constructor(maxBytes: number) {
    super(`more than ${maxBytes} bytes`);
    this.maxBytes = maxBytes;
  }
}

/** Sends one request over a connection of its own, without following redirects. Rejects with what undici rejects with, and with TooLargeError. */
export async function sendRequest(request: HttpRequest, { maxBytes, signal, permit, share }: SendOptions): Promise<WireResponse> {
  // By its default export: bundled, a CommonJS package has no other.
  const { Agent, fetch } = (await import('undici')).default;
  const agent = new Agent({ connect: { lookup: guardedLookup(permit) } });
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: request.headers.map(([name, value]) => [name, value]),
      ...(request.body === undefined ? {} : { body: request.body }),
      redirect: 'manual',
      credentials: 'omit',
      dispatcher: agent,
      signal,
    });
    const bytes = await contentOf(response.body ?? [], maxBytes, share);
    return {
      status: response.status,
      statusText: response.statusText,
      url: request.url.href,
      headers: [...response.headers],
      body: decoder(response.headers.get('content-type')).decode(bytes),
    };
  } finally {
    await agent.destroy();
  }
}

async function contentOf(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, maxBytes: number, share: HeldShare): Promise<Buffer> {
  const taken: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new TooLargeError(maxBytes);
    taken.push(chunk);
    await share.hold(chunk.length);
  }
  return Buffer.concat(taken);
}

function decoder(contentType: string | null): TextDecoder {
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType ?? '')?.[1];
  try {
    return new TextDecoder(charset);
  } catch (error) {
    if (error instanceof RangeError) return new TextDecoder();
    throw error;
  }
}
