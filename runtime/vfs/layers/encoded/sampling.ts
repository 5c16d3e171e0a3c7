/** Says of which files it is verified that they can be decoded again. */
export interface Sampling {
  isDue(): boolean;
  /** How a verification went. */
  note(hasPassed: boolean): void;
}

/** Every file until one has passed, since most often an encoder is wrong for all or for none; from then on one in so many; and every one again once one has failed. */
export function createSampling(oneIn: number): Sampling {
  let isTrusted = false;
  let sinceLast = 0;
  return {
    isDue() {
      sinceLast++;
      if (isTrusted && sinceLast < oneIn) return false;
      sinceLast = 0;
      return true;
    },
    note(hasPassed) {
      isTrusted = hasPassed;
    },
  };
}
