/** A clock that tests control: each reading is `step` ms later than the one before, so that later edits are newer. */
export class Clock {
  ms: number;
  readonly step: number;

  constructor(start: string | number = '2026-01-01T12:00:00Z', step = 1000) {
    this.ms = typeof start === 'number' ? start : Date.parse(start);
    this.step = step;
  }

  readonly now = (): number => {
    this.ms += this.step;
    return this.ms;
  };

  advance(ms: number): void {
    this.ms += ms;
  }
}
