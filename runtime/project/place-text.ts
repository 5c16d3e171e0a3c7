import { basename } from 'node:path';
import type { SourcePlace } from '../sandbox/script-error.ts';

/** `photos.sync.ts:12:3`. */
export function placeText(place: SourcePlace | undefined): string | undefined {
  return place === undefined ? undefined : `${basename(place.file)}:${place.line}:${place.column}`;
}
