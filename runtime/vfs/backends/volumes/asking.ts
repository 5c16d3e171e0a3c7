import type { RelPath } from '../../path.ts';
import { VfsError } from '../../vfs-error.ts';
import type { Media, MediaOptions, Mounted } from './media.ts';
import type { AskPerson } from './media-places.ts';

/** Brings media that are not in reach: whoever sits there is asked to put them in. */
export class Asking {
  readonly #media: Media;
  readonly #options: MediaOptions;
  /** The last one who wanted a medium. One does at a time, so that one question is asked at a time. */
  #lastTurn: Promise<unknown> = Promise.resolve();
  /** Somebody said no: nothing more is asked in this run. */
  #isDeclined = false;

  constructor(media: Media, options: MediaOptions) {
    this.#media = media;
    this.#options = options;
  }

  /** undefined: nobody can be asked (any more). */
  get person(): AskPerson | undefined {
    return this.#isDeclined ? undefined : this.#options.ask;
  }

  /** After all that wanted a medium before. */
  inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#lastTurn.then(act);
    this.#lastTurn = turn.catch(ignored);
    return turn;
  }

  /** A medium that is to be read. Rejects with VfsError `absent`. */
  bring(medium: number, path: RelPath, why = `"${path}" is on it`): Promise<Mounted> {
    return this.inTurn(async () => {
      const there = this.#media.at(medium);
      if (there !== undefined) return there;
      const { rules, places } = this.#options;
      const where = `it is on medium ${medium} of ${rules.name}, which is not in reach`;
      if (places.isOneSlot && this.#media.inReach().some(({ users }) => users > 0))
        throw new VfsError('absent', path, `${where} while another one is in use; the next run looks for it again`);
      const known = places.isOneSlot ? await this.#media.look(medium) : undefined;
      if (known?.kind === 'known' && known.mounted.medium === medium) return known.mounted;
      if (known?.kind === 'blank') await known.root.vfs.close();
      if (!rules.waits || this.person === undefined) throw new VfsError('absent', path, `${where}: ${this.#adviceFor(medium)}`);
      const wanted = `Put in medium ${medium} of ${rules.name} at ${places.addressOf(medium)}; ${why}.`;
      const brought = await this.waitFor(wanted, () => this.lookAgain(medium));
      if (brought === undefined) throw new VfsError('absent', path, `${where}: ${notPutIn(medium)}`);
      return brought;
    });
  }

  /** Any media of the set, where none is in reach. Resolves to the highest number that they tell of; 0: none was put in. */
  bringAny(why: string): Promise<number> {
    return this.inTurn(async () => {
      const { rules, places } = this.#options;
      const wanted = `Put in a medium of ${rules.name}${places.isOneSlot ? '' : ', such as the first one,'} at ${places.addressOf(1)}; ${why}.`;
      const look = async () => (await this.#media.open()) || (this.#media.whyRefused(1) ?? `No medium of ${rules.name} is there`);
      return (await this.waitFor(wanted, look)) ?? 0;
    });
  }

  /** Asks until `look` finds what was asked for, and does not give a reason why not. undefined: somebody said no. */
  async waitFor<T>(wanted: string, look: () => Promise<T | string>): Promise<T | undefined> {
    await this.#media.clearSlot();
    let before = '';
    for (;;) {
      const text = before === '' ? wanted : `${before}. ${wanted}`;
      const isIn = await this.person?.({ text, yes: 'It is in', no: 'Stop here', isYesFirst: true });
      if (isIn !== true) {
        this.#isDeclined = true;
        return undefined;
      }
      const found = await look();
      if (typeof found !== 'string') return found;
      before = found;
      await this.#media.clearSlot();
    }
  }

  /** A reason where it is not the one that was asked for. */
  async lookAgain(medium: number): Promise<Mounted | string> {
    const found = await this.#media.look(medium);
    if (found.kind === 'known') return found.mounted.medium === medium ? found.mounted : `That is medium ${found.mounted.medium}`;
    if (found.kind === 'blank') await found.root.vfs.close();
    return found.kind === 'refused' ? found.reason : `Medium ${medium} is not there`;
  }

  #adviceFor(medium: number): string {
    const reason = this.#media.whyRefused(medium);
    const where = this.#options.places.addressOf(medium);
    return `${reason === undefined ? '' : `${reason}; `}put it in at ${where} and run again`;
  }
}

export function notPutIn(medium: number): string {
  return `medium ${medium} was not put in`;
}

function ignored(): undefined {}
