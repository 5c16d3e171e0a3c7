/**
 * Why a place cannot be what was given, where the template has `usual`; undefined: it can. A place with a mark such as `%INDEX%`, which stands for the numbers of media, wants the
 * mark, unless the settings say that one medium after another is put in at the same place.
 */
export function placeFault(place: string, usual: string | undefined, settings: Readonly<Record<string, string>>): string | undefined {
  if (place.trim() === '') return 'a place cannot be empty; the current folder is .';
  const [mark] = /%[A-Z]+%/.exec(usual ?? '') ?? [];
  if (mark === undefined || place.includes(mark)) return undefined;
  if (settings['newMedia'] === 'are asked for' && (settings['copies'] ?? '1') === '1') return undefined;
  return (
    `${place} is without ${mark}, which stands for the number of a medium: write it where the numbers are, such as ${place.replace(/[\\/]+$/, '')}${mark}. ` +
    'One place where all media are put in wants --set newMedia="are asked for", and one copy'
  );
}
