import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Locator, machineLocator } from '../../change/items.js';
import type { TransactionsOptions } from '../../change/options.js';
import { HOST_SCHEDULER } from '../../host/scheduler.js';
import { findKnob } from '../../knobs/catalogue.js';
import type { KnobValues } from '../../knobs/types.js';

/** What is staged in the experiments: three knobs that every EEVDF kernel has, by the values they are given. */
export const STAGED: KnobValues = { base_slice_ns: 6_000_000, migration_cost_ns: 900_000, nr_migrate: 8 };
const FILES: KnobValues = { base_slice_ns: 3_000_000, migration_cost_ns: 500_000, nr_migrate: 32 };

/** Where an experiment's knobs are: this kernel's (`null`), or plain files in a directory, which harm nobody. */
export type Place = string | null;

const locatorOf = (place: Place): Locator =>
  place === null
    ? machineLocator()
    : ({ name }) => ({
        knob: name,
        path: join(place, name),
        notation: { toText: String, fromText: Number },
      });

export const optionsFor = (place: Place, dir: string): TransactionsOptions => ({
  dir,
  locate: locatorOf(place),
  ...(place === null ? {} : { tree: place }),
  scheduler: place === null ? HOST_SCHEDULER : 'eevdf',
});

export function makeFiles(place: string): void {
  for (const [name, value] of Object.entries(FILES)) writeFileSync(join(place, name), `${value}\n`);
}

/** The knobs' values as they are now. */
export function valuesNow(place: Place): KnobValues {
  const locate = locatorOf(place);
  return Object.fromEntries(
    Object.keys(STAGED).map((name) => {
      const { path } = locate(findKnob(name, 'eevdf'), { kind: 'machine' });
      return [name, Number(readFileSync(path, 'utf8'))];
    }),
  );
}
