import { formatNs } from '../units.js';
import { ALL_KNOBS } from './catalogue.js';
import type { Knob, KnobValues } from './types.js';

/** A knob's value in its unit, for people: "3 ms", "32". */
export const formatKnob = (knob: Pick<Knob, 'unit'>, value: number): string =>
  knob.unit === 'count' ? String(value) : formatNs(knob.unit === 'us' ? value * 1000 : value);

/** Settings as they are typed after `--set`, numbers exact: "latency_ns=2000000 min_granularity_ns=200000". */
export const formatSettings = (values: KnobValues): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

/** Settings for reading: "latency_ns 2 ms, min_granularity_ns 200 µs". */
export const describeSettings = (values: KnobValues): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${formatKnob(unitOf(name), value)}`)
    .join(', ');

const unitOf = (name: string): Pick<Knob, 'unit'> =>
  ALL_KNOBS.find((knob) => knob.name === name) ?? { unit: name.endsWith('_ns') ? 'ns' : 'count' };
