/** What a story of chaos comes to: figures, and the promises that were broken, with all that was said. */
import { openPlace, type Place, type PlaceSettings } from './place.ts';

export type Figures = Readonly<Record<string, number | string>>;

export interface Outcome {
  readonly name: string;
  readonly figures: Figures;
  /** In words; empty: every promise was kept. */
  readonly broken: readonly string[];
}

/** `happen` rejects with what was broken. */
export async function tell(
  name: string,
  settings: PlaceSettings,
  happen: (place: Place) => Promise<Figures>,
): Promise<Outcome> {
  const place = await openPlace(settings);
  try {
    return { name, figures: await happen(place), broken: [] };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const kept = place.keep(name.replaceAll(/\W+/g, '-'));
    return { name, figures: {}, broken: [...why.split('\n'), `see ${kept}`] };
  } finally {
    await place.close();
  }
}
