import { type Measured, median } from './measure.ts';

/** The option of a project whose cost is looked at, by the name of the run. */
export const CALLBACKS: Readonly<Record<string, string>> = {
  none: '',
  'by-path': 'isExclude: (path) => path.endsWith(".bak")',
  'by-pattern': 'isExclude: (path) => /\\.bak$/.test(path)',
  'by-size': 'isExclude: (path, entry) => entry.size > 1e9',
  async: 'isExclude: async (path) => path.endsWith(".bak")',
};

/** What each callback adds to a file, as the median over the rounds of what its run took more than the run without callback of the same round. */
export function costsPerFile(runs: ReadonlyMap<string, readonly Measured[]>, files: number): string[] {
  const [[, without] = ['', []], ...others] = runs;
  return others.map(([name, ofCallback]) => {
    const added = (figure: (run: Measured) => number) => {
      const perFile = ofCallback.flatMap((run, round) => {
        const base = without[round];
        return base === undefined ? [] : [((figure(run) - figure(base)) / files) * 1e6];
      });
      return median(perFile).toFixed(2);
    };
    return `  ${name.padEnd(18)} +${added(({ cpuSeconds }) => cpuSeconds ?? Number.NaN)} µs of processor and +${added(({ seconds }) => seconds)} µs of time a file`;
  });
}
