import { median } from '../loop/median.js';

export { median };

/** "median (smallest–largest)" with a unit. */
export const spread = (values: readonly number[], digits: number, unit: string): string => {
  const text = (value: number) => value.toFixed(digits);
  return `${text(median(values))} ${unit} (${text(Math.min(...values))}–${text(Math.max(...values))})`;
};
