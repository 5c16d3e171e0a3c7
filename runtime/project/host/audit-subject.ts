import { shellCommand } from '../shell-command.ts';

/** Parts of a request that say what a function is used on. Others (contents, passwords, inputs) do not get into the audit log. */
const TELLING = ['file', 'args', 'url', 'from', 'to', 'path', 'method', 'name', 'server', 'folder', 'cwd'] as const;
const LONGEST = 1000;

/** What a script uses a function on, as words of a command line, for the audit log. Without the passwords and queries of URLs. */
export function auditSubjectOf(request: unknown): string {
  if (request === null || typeof request !== 'object') return '';
  const parts = request as Readonly<Record<string, unknown>>;
  const words = TELLING.flatMap((part) => parts[part]).filter((word) => typeof word === 'string');
  return shellCommand(words.map(withoutLogin)).slice(0, LONGEST);
}

/** Of `https://me:password@host/path?token=…` the scheme, host and path stay. */
function withoutLogin(word: string): string {
  const [, scheme, rest] = /^([a-z][a-z0-9+.:()-]*:\/\/)(.*)$/is.exec(word) ?? [];
  if (scheme === undefined || rest === undefined) return word;
  const [, login = '', place = rest] = /^([^/]*@)(.*)$/s.exec(rest) ?? [];
  return `${scheme}${login && '***@'}${place.replace(/[?#].*$/s, '?***')}`;
}
