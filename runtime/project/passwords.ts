import type { Redactor } from './redact.ts';
import { ScriptCallError } from '../sandbox/script-host.ts';
import type { Ask } from './run-request.ts';

/** A password that sxrun itself needs, for a place that the run may reach. */
export interface WantedPassword {
  /** As `passwordName` makes it. */
  readonly name: string;
  /** `Password of me@nas.local`. */
  readonly question: string;
  /** Something is locked with it: who types it does so twice. Absent: it is only tried. */
  readonly isTypedTwice?: boolean;
}

/** Passwords of one command: kept ones, else asked for, once each. */
export interface Passwords {
  /**
   * From then on it is not shown. Rejects with ScriptCallError: `secret` when it is not kept and nobody can be asked, or what is kept cannot be read;
   * `interrupted` when the question was left open.
   */
  get(wanted: WantedPassword): Promise<string>;
}

/**
 * The secret that belongs to a user on a server: `password:smtp://me@mail.example:587`. The name holds the host, so a password goes to no other one. What cannot stand in a
 * secret's name is percent-encoded.
 */
export function passwordName(place: {
  readonly scheme: string;
  readonly user: string;
  readonly host: string;
  readonly port?: number | undefined;
}): string {
  const port = place.port === undefined ? '' : `:${place.port}`;
  return `password:${place.scheme}://${encoded(place.user)}@${encoded(place.host)}${port}`;
}

function encoded(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%3A', ':')
    .replace(/[!'()*~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** `ask` undefined: nobody can be asked. */
export function createPasswords(ask: Pick<Ask, 'secret'> | undefined, secrets: Redactor): Passwords {
  const known = new Map<string, Promise<string>>();

  async function find({ name, question, isTypedTwice = false }: WantedPassword): Promise<string> {
    const { keptSecret, SecretsError, setSecret } = await import('./secrets.ts');
    try {
      const kept = await keptSecret(name);
      if (kept !== undefined) return kept;
      if (ask === undefined) throw failure(`${question} is needed, and nobody can be asked: keep it with "sxrun secret set ${name}"`);
      const answer = await ask.secret({ name, text: question, isTypedTwice });
      if (answer === undefined) throw new ScriptCallError({ code: 'interrupted', message: `${question} was not given` });
      secrets.add(answer.value);
      if (answer.keep) await setSecret(name, answer.value);
      return answer.value;
    } catch (error) {
      throw error instanceof SecretsError ? failure(error.message) : error;
    }
  }

  return {
    get(wanted) {
      const finding =
        known.get(wanted.name) ??
        find(wanted).then((value) => {
          secrets.add(value);
          return value;
        });
      known.set(wanted.name, finding);
      return finding;
    },
  };
}

function failure(message: string): ScriptCallError {
  return new ScriptCallError({ code: 'secret', message });
}
