import { formatValue } from '../units.js';
import { type Html, html } from './html.js';

/** A figure in its unit for people: 61000000 ns → "61 ms", 1234 per_s → "1,234/s", 0.5 share → "50 %". */
export function figure(value: number | null | undefined, unit: string): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  if (unit === 'per_s') return `${formatValue(value, 'count')}/s`;
  return formatValue(value, unit === 'ratio' ? 'count' : unit);
}

/** A tick label: like `figure`, with a bare 0 because zero needs no unit. */
export const tickLabel = (value: number, unit: string): string => (value === 0 ? '0' : figure(value, unit));

/** A name of the kernel's spelling that may break after its underscores, so that columns can be narrow. */
export function breakable(name: string): Html {
  const parts = name.split('_');
  return html`${parts.map((part, i) => (i === 0 ? part : html`_<wbr>${part}`))}`;
}

/** Text whose words stay whole at line ends: a break within `--tuner` reads like another option. */
export const unbroken = (text: string): Html =>
  html`${text.split(/(\s+)/).map((part, i) => (i % 2 === 1 ? part : html`<span class="word">${part}</span>`))}`;

/** At most `limit` characters of a text, and how many were left out: an endless reason must not drown a page. */
export function clip(text: string, limit = 1500): string {
  if (text.length <= limit) return text;
  const left = (text.length - limit).toLocaleString('en-US');
  return `${text.slice(0, limit)} … (${left} more characters in result.json)`;
}
