/** What `secret`, `env` and `ask` ask of the host. */
export interface ValueMethods {
  secret: { readonly request: { readonly name: string }; readonly reply: string };
  /** null: not set. */
  env: { readonly request: { readonly name: string }; readonly reply: string | null };
  ask: { readonly request: { readonly question: string; readonly hidden: boolean }; readonly reply: string };
}
