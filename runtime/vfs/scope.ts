/**
 * The part of the scope that is data, so that it can be sent to the thread that lists. Patterns as in semantics.md section 1:
 * a leading `/` roots a pattern, else it matches the path or any tail of it that starts after a `/`.
 */
export interface ScopeRules {
  readonly excludeFiles: readonly string[];
  readonly includeFiles: readonly string[];
  readonly excludeDirs: readonly string[];
  readonly includeDirs: readonly string[];
  readonly killFiles: readonly string[];
  readonly ignoreCase: boolean;
  readonly links: 'ignore' | 'copy' | 'follow';
}
