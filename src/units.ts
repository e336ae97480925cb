import { usageError } from './errors.js';

const NS_PER: Record<string, number> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  min: 60e9,
  h: 3600e9,
};
const UNITS = 'ns, us, ms, s, m, h';

/**
 * Nanoseconds from a duration with a unit, such as `500ms` or `1.5s`.
 * @throws TunesmithError (usage) naming `field` when the number or the unit is missing, unknown or not exact in ns.
 */
export function parseDuration(text: string, field: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-zµ]+)\s*$/.exec(text);
  const scale = match?.[2] === undefined ? undefined : NS_PER[match[2]];
  if (!match || scale === undefined)
    throw usageError(
      field,
      text,
      `is not a duration: a number and one of ${UNITS}`,
      'for example 500ms or 10s',
    );
  const ns = Math.round(Number(match[1]) * scale);
  if (!Number.isSafeInteger(ns)) throw usageError(field, text, 'is too long to count in nanoseconds');
  return ns;
}

/** Like `parseDuration`, for settings that must last: zero is refused. */
export function parsePositiveDuration(text: string, field: string): number {
  const ns = parseDuration(text, field);
  if (ns === 0) throw usageError(field, text, 'must be longer than zero');
  return ns;
}

/** A whole number in [min, max] from command-line text. */
export function parseCount(text: string, field: string, min: number, max: number): number {
  const value = /^[+-]?\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value) || value < min || value > max)
    throw usageError(field, text, `must be a whole number from ${min} to ${max}`);
  return value;
}

/** Three significant digits and a fitting unit: 91600000 → "91.6 ms". */
export function formatNs(ns: number): string {
  const size = Math.abs(ns);
  const [scale, unit] =
    size >= 1e9 ? [1e9, 's'] : size >= 1e6 ? [1e6, 'ms'] : size >= 1e3 ? [1e3, 'µs'] : [1, 'ns'];
  return `${trim(ns / scale)} ${unit}`;
}

/** A metric's value in its unit, for people: `ns` through `formatNs`, shares as per cent, `per_s` as /s, the rest plainly. */
export function formatValue(value: number | null | undefined, unit: string): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  if (unit === 'ns') return formatNs(value);
  if (unit === 'share') return `${trim(value * 100)} %`;
  if (unit === 'per_s') return `${trim(value)}/s`;
  return ['', 'count', 'ratio'].includes(unit) ? trim(value) : `${trim(value)} ${unit}`;
}

/** A share as signed per cent with one decimal: -0.334 → "−33.4 %", 0 → "0 %". */
export function signedPercent(share: number | null): string {
  if (share === null || !Number.isFinite(share)) return '–';
  const size = percent(share);
  return size === '0 %' ? size : `${share < 0 ? '−' : '+'}${size}`;
}

/** The size of a share as per cent, without a sign: -0.334 → "33.4 %". */
export function percent(share: number): string {
  const size = Math.abs(share) * 100;
  const rounded = size >= 1000 ? Math.round(size).toLocaleString('en-US') : String(Number(size.toFixed(1)));
  return `${rounded} %`;
}

/** Three significant digits, without an exponent or trailing zeros. */
function trim(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}
