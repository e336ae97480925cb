import { ALL_KNOBS } from './catalogue.js';
import type { Knob } from './types.js';

const ORDER: readonly Knob['risk'][] = ['low', 'medium', 'high'];

/** The highest risk among knobs; undefined for none. A knob nobody knows is of high risk. */
export function riskOf(names: readonly string[]): Knob['risk'] | undefined {
  const risks = names.map((name) => ALL_KNOBS.find((knob) => knob.name === name)?.risk ?? 'high');
  return ORDER.findLast((risk) => risks.includes(risk));
}
