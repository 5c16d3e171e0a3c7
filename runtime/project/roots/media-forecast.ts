import type { Emit, RunEvent } from '../../engine/events.ts';
import type { Forecast } from '../../vfs/backends/volumes/forecast.ts';
import { joinPath } from '../../vfs/path.ts';
import type { CheckedProject } from '../options/options.ts';
import type { OpenMedia } from './open-media.ts';

/** Passes the events of a simulation on, with the medium that each thing would go to. */
export async function forecasting({ roots }: CheckedProject, media: OpenMedia, emit: Emit): Promise<Emit> {
  const forecasts = new Map<number, { readonly forecast: Forecast; readonly inner: string }>();
  for (const [index, { address }] of roots.entries()) {
    const { base, layers } = address;
    if (base.kind !== 'volumes') continue;
    const forecast = await media.forecastOf(base.volume);
    if (forecast !== undefined && layers.length === 0) forecasts.set(index, { forecast, inner: base.inner });
    else
      emit({
        type: 'detail',
        message: `vol${base.volume}: how large files are behind "${layers[0]?.scheme}:" is not known before, so neither is which medium gets them`,
      });
  }
  if (forecasts.size === 0) return emit;
  return (event) => emit(withMedium(event, forecasts));
}

function withMedium(event: RunEvent, forecasts: ReadonlyMap<number, { readonly forecast: Forecast; readonly inner: string }>): RunEvent {
  if (event.type !== 'action' || event.op === 'remove' || event.op === 'touch' || event.op === 'move') return event;
  const found = forecasts.get(event.to);
  if (found === undefined) return event;
  const path = found.inner === '' ? event.path : joinPath(found.inner, event.path);
  const places = found.forecast.place(path, event.kind === 'file' ? event.size : 0);
  const where =
    places === undefined ? 'larger than any medium' : places.map(({ medium, isNew }) => `${isNew ? 'new medium' : 'medium'} ${medium}`).join(' and ');
  return { ...event, reason: `${event.reason}; ${where}` };
}
