/** What `fetch` asks of the host. */
export interface FetchMethods {
  readonly fetch: { readonly request: FetchRequest; readonly reply: WireResponse };
}

export interface FetchRequest {
  readonly url: string;
  readonly method: string;
  /** In the order in which they are sent; a name may come twice. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  readonly redirect?: 'follow' | 'error' | 'manual';
}

export interface WireResponse {
  readonly status: number;
  readonly statusText: string;
  /** Where the answer came from, after redirects; without login and fragment. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}
