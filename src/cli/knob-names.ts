import { ALL_KNOBS, knobsOf } from '../knobs/catalogue.js';

/** The knobs there are, for help texts: a lab's are those of the kernel it boots. */
export const LAB_KNOBS = `CFS: ${names('cfs')}; EEVDF: ${names('eevdf')}`;
export const HOST_KNOBS = ALL_KNOBS.map(({ name }) => name).join(', ');

function names(scheduler: 'cfs' | 'eevdf'): string {
  return knobsOf(scheduler)
    .map(({ name }) => name)
    .join(', ');
}
