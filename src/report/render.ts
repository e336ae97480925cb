import { createHash } from 'node:crypto';
import type { TuneResult } from '../loop/result.js';
import { beforeAfter, titleOf } from './facts.js';
import { figure } from './format.js';
import { type Html, html, jsonForScript, trusted } from './html.js';
import type { DescribeMetric } from './metric-info.js';
import { pageOf } from './page.js';
import { SCRIPT } from './script.js';
import { distributionSection, progressSection } from './sections/charts.js';
import { comparisonSection } from './sections/comparison.js';
import { cyclesSection } from './sections/cycles.js';
import { metricsSection } from './sections/metrics.js';
import { originSection } from './sections/origin.js';
import { changeBadge, verdictSection, wordsSection } from './sections/verdict.js';
import { STYLE } from './style.js';

export interface ReportOptions {
  /** Unit, direction and meaning of a metric; a metric it does not know is read from its name. */
  readonly describe?: DescribeMetric;
}

/**
 * One self-contained page for one or several runs: style, script, charts (static SVG) and data are inside, nothing
 * is fetched, and a content security policy lets nothing else run. A pure function of its arguments.
 */
export function renderReport(results: readonly TuneResult[], { describe }: ReportOptions = {}): string {
  const title = results.length === 1 ? results.map(titleOf).join('') : `${results.length} tuning runs`;
  return pageOf({
    title,
    subtitle: 'tuning report',
    policy: policy(),
    main: html`${results.length > 1 && contents(results)}
${results.map((result, i) => run(result, `run${i + 1}`, describe))}
${wordsSection()}<footer><p class="note">This page is complete in itself: it loads nothing and carries its own data.
The percentiles, settings and reasons of every cycle are also in <code>result.json</code>.
<button type="button" id="save" hidden>Save the data</button></p></footer>
`,
    tail: html`<script type="application/json" id="data">${jsonForScript(results.map(withoutBulk))}</script>
<script>${trusted(SCRIPT)}</script>
`,
  });
}

const run = (result: TuneResult, id: string, describe: DescribeMetric | undefined): Html =>
  html`<article id="${id}">
${verdictSection(result)}${comparisonSection(result)}${progressSection(result, id)}${distributionSection(result)}
${cyclesSection(result, id)}${metricsSection(result, describe)}${originSection(result)}</article>
`;

/** The runs at a glance, each a link to its section. */
function contents(results: readonly TuneResult[]): Html {
  const entry = (result: TuneResult, i: number): Html => {
    const { before, after } = beforeAfter(result);
    const { metric, unit } = result.objective;
    const change = [before, ...(after ? [after] : [])].map(({ objective }) => figure(objective, unit));
    return html`<li><a href="#run${i + 1}"><strong>${titleOf(result)}</strong></a>
<span><code>${metric}</code> ${change.join(' → ')}</span> ${changeBadge(result)}</li>
`;
  };
  return html`<nav aria-label="runs"><ol>${results.map(entry)}</ol></nav>`;
}

/** The data of the page: everything but the distributions of single cycles, which would be most of its length. */
function withoutBulk(result: TuneResult): TuneResult {
  const cycles = result.cycles.map((cycle) => ({
    ...cycle,
    measurement: cycle.measurement && { ...cycle.measurement, distributions: {} },
  }));
  return { ...result, cycles };
}

/** Nothing may load; the one script and the one style of ours may run, known by their hashes. */
function policy(): string {
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return `default-src 'none'; script-src ${hash(SCRIPT)}; style-src ${hash(STYLE)}; base-uri 'none'; form-action 'none'`;
}
