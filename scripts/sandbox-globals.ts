/**
 * Declarations of the globals that runtime/sandbox/guest/prelude.ts gives a script, for an editor without other libraries. Where a `lib` such as DOM
 * declares the same names, interfaces and functions merge with these and its variables count (the way of @types/node).
 */
export const SANDBOX_GLOBALS = `interface Console {
	log(...values: unknown[]): void;
	info(...values: unknown[]): void;
	debug(...values: unknown[]): void;
	warn(...values: unknown[]): void;
	error(...values: unknown[]): void;
}
declare var console: Console;

declare function setTimeout<Values extends unknown[]>(callback: (...values: Values) => void, ms?: number, ...values: Values): number;
declare function setInterval<Values extends unknown[]>(callback: (...values: Values) => void, ms?: number, ...values: Values): number;
declare function clearTimeout(timer: number | undefined): void;
declare function clearInterval(timer: number | undefined): void;
declare function queueMicrotask(callback: () => void): void;
declare function structuredClone<Value>(value: Value): Value;
declare function atob(base64: string): string;
declare function btoa(text: string): string;

interface Crypto {
	randomUUID(): string;
}
declare var crypto: Crypto;

interface URL {
	href: string;
	readonly origin: string;
	protocol: string;
	username: string;
	password: string;
	host: string;
	hostname: string;
	port: string;
	pathname: string;
	search: string;
	readonly searchParams: URLSearchParams;
	hash: string;
	toString(): string;
	toJSON(): string;
}
declare var URL: typeof globalThis extends { onmessage: any; URL: infer Theirs }
	? Theirs
	: { new (url: string | URL, base?: string | URL): URL; canParse(url: string | URL, base?: string | URL): boolean; parse(url: string | URL, base?: string | URL): URL | null };

interface URLSearchParams extends Iterable<[string, string]> {
	append(name: string, value: string): void;
	delete(name: string, value?: string): void;
	get(name: string): string | null;
	getAll(name: string): string[];
	has(name: string, value?: string): boolean;
	set(name: string, value: string): void;
	sort(): void;
	toString(): string;
	forEach(visit: (value: string, name: string, params: URLSearchParams) => void): void;
}
declare var URLSearchParams: typeof globalThis extends { onmessage: any; URLSearchParams: infer Theirs }
	? Theirs
	: { new (init?: string | Iterable<readonly [string, string]> | Record<string, string>): URLSearchParams };

interface TextEncoder {
	readonly encoding: string;
	encode(text?: string): Uint8Array;
	encodeInto(text: string, into: Uint8Array): { read: number; written: number };
}
declare var TextEncoder: typeof globalThis extends { onmessage: any; TextEncoder: infer Theirs } ? Theirs : { new (): TextEncoder };

interface TextDecoder {
	readonly encoding: string;
	readonly fatal: boolean;
	readonly ignoreBOM: boolean;
	decode(input?: ArrayBuffer | ArrayBufferView, options?: { stream?: boolean }): string;
}
declare var TextDecoder: typeof globalThis extends { onmessage: any; TextDecoder: infer Theirs }
	? Theirs
	: { new (label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }): TextDecoder };
`;
