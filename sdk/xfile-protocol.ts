/** What `xfile` asks of the host. A file is named by a root URL: a local path (relative to the project file, `~` is the home folder), or `scheme:…`. */
export interface FileMethods {
  'xfile.exists': { readonly request: { readonly url: string }; readonly reply: boolean };
}
