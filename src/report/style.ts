/** The page's style sheet. Colours keep apart for every kind of colour vision; marks and words repeat what they say. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --text: #1c2228; --muted: #59646f; --line: #e2e6ea; --soft: #f4f6f8;
  --best: #0a62ae; --best-soft: #e6f0f9; --bad: #b3400a; --bad-soft: #fbece4;
  --before: #4b5660; --oracle: #6d4a9c; --rejected: #93427f; --mono: ui-monospace, 'SF Mono', Menlo, Consolas, monospace;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #13171b; --text: #e4e8ec; --muted: #98a3ae; --line: #2a3138; --soft: #1b2126;
    --best: #62b2f4; --best-soft: #17304a; --bad: #ff9466; --bad-soft: #432315;
    --before: #b9c2cb; --oracle: #b99ae6; --rejected: #d78fc4;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
body {
  margin: 0; background: var(--page); color: var(--text); overflow-wrap: break-word;
  font: 400 1rem/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif;
  font-variant-numeric: tabular-nums;
}
main { max-width: 60.5rem; margin: 0 auto; padding: 2rem 1.5rem 4rem; }
h1, h2, h3, h4, p, ul, ol, dl, dd, pre { margin: 0; padding: 0; }
h1 { font-size: .95rem; font-weight: 650; letter-spacing: .01em; }
h1 .muted, h3 .muted, h4 .muted { font-weight: 400; }
h2 { font-size: 1.55rem; font-weight: 600; line-height: 1.32; letter-spacing: -.01em; max-width: 46rem; text-wrap: pretty; }
h3 { font-size: 1.1rem; font-weight: 620; margin-bottom: .9rem; }
h3 .muted { font-size: .875rem; margin-left: .4rem; }
h4 { font-size: .875rem; font-weight: 600; margin: 1.2rem 0 .2rem; }
code { font-family: var(--mono); font-size: .9em; }
a { color: var(--best); text-underline-offset: .15em; }
span.word { display: inline-block; max-width: 100%; }
.muted { color: var(--muted); }
.better { color: var(--best); }
.worse { color: var(--bad); }
.note { color: var(--muted); font-size: .85rem; margin-top: .7rem; max-width: 46rem; }
section { margin-top: 3.25rem; }
article + article { margin-top: 5rem; padding-top: 1rem; border-top: 3px solid var(--text); }

nav { margin-top: 1.5rem; border-top: 1px solid var(--line); }
nav ol { list-style: none; }
nav li {
  display: grid; grid-template-columns: 13rem 1fr auto; gap: .2rem 1rem; align-items: baseline;
  padding: .6rem 0; border-bottom: 1px solid var(--line);
}

.verdict { padding-top: 2.5rem; }
.where { font-weight: 600; margin-bottom: .6rem; }
.where .muted { font-weight: 400; }
.states { display: flex; flex-wrap: wrap; gap: .4rem; margin-bottom: .9rem; }
.chip, .badge { display: inline-block; border-radius: 1rem; padding: .05rem .65rem; font-size: .8rem; background: var(--soft); }
.chip { color: var(--muted); }
.chip.plain { color: var(--text); }
.chip.better, .badge.better { color: var(--best); background: var(--best-soft); font-weight: 600; }
.chip.worse, .badge.worse { color: var(--bad); background: var(--bad-soft); font-weight: 600; }
.headline { display: flex; flex-wrap: wrap; gap: 1.5rem 3.5rem; margin-top: 1.8rem; align-items: end; }
.change { flex: 1 1 24rem; }
.figures { display: flex; flex-wrap: wrap; align-items: baseline; gap: .1rem .8rem; font-size: 2.6rem; line-height: 1.25; letter-spacing: -.02em; }
.figures strong { font-weight: 650; }
.figures .from, .figures .arrow { color: var(--muted); font-weight: 400; }
.figures .badge { font-size: 1rem; letter-spacing: 0; padding: .2rem .8rem; align-self: center; }
.change .muted { font-size: .9rem; margin-top: .3rem; }
.tried { font-size: .95rem; margin-top: .3rem; }
.keep { margin-top: 1.4rem; }
.keep .command { margin-top: .4rem; }
.settings { font-size: .95rem; }
.settings div { display: flex; justify-content: space-between; gap: 1.8rem; padding: .28rem 0; border-top: 1px solid var(--line); }
.settings dd { white-space: nowrap; color: var(--muted); }
.settings strong { color: var(--text); }

table { border-collapse: collapse; width: 100%; font-size: .9rem; line-height: 1.45; }
th, td { padding: .5rem .75rem; text-align: right; vertical-align: baseline; border-bottom: 1px solid var(--line); }
th { font-weight: 400; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--muted); font-size: .8rem; vertical-align: bottom; border-bottom-color: var(--muted); }
td.better { font-weight: 600; }
.chosen th, .chosen td { font-weight: 600; }
.chosen th .muted, .cards th .muted { font-weight: 400; }
.metrics small { display: block; color: var(--muted); font-size: .8rem; }
.metrics .group th { color: var(--muted); font-size: .8rem; padding-top: 1.3rem; }
.metrics td { white-space: nowrap; }
.metrics .word { text-align: left; padding-left: 0; width: 4rem; }
div.printed { overflow-x: auto; margin-bottom: 1.4rem; }
div.printed td { white-space: nowrap; }
ul.printed { padding-left: 1.2rem; font-size: .9rem; margin-bottom: 1rem; }
.scroll { max-height: 38rem; overflow: auto; border-bottom: 1px solid var(--line); overscroll-behavior: auto; }
.scroll thead th { position: sticky; top: 0; background: var(--page); box-shadow: inset 0 -1px var(--muted); border: 0; }
.cycles th[scope=row] { text-align: right; padding-left: .2rem; width: 2.6rem; }
.cycles .outcome, .cycles .why { text-align: left; }
.cycles .outcome span, .cards td[data-label] { white-space: nowrap; }
.cycles .why { width: 42%; padding-right: .75rem; }
.cycles thead code { font-size: .75rem; }
.cycles th, .cycles td { padding-inline: .55rem; }
.cycles .why p { overflow-wrap: anywhere; white-space: pre-line; }
.cycles .why p + p { margin-top: .15rem; }
tr:target { background: var(--best-soft); }

.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.3rem; font-size: .875rem; margin-bottom: .5rem; }
.glyph { width: 14px; height: 14px; margin-right: .4rem; vertical-align: -2px; overflow: visible; }
.glyph.line { width: 24px; }
.chart { display: block; width: 100%; height: auto; font-size: 12.5px; overflow: visible; }
.chart.narrow { display: none; max-width: 30rem; }
.chart text { fill: var(--text); font-family: inherit; }
.chart .tick { fill: var(--muted); font-size: 12px; }
.chart .strong { font-weight: 600; }
.chart .halo { paint-order: stroke; stroke: var(--page); stroke-width: 4px; stroke-linejoin: round; font-weight: 600; }
.grid { stroke: var(--line); }
.axis { stroke: var(--muted); }
.l-default, .l-oracle, .l-best, .c-before, .c-after { fill: none; stroke-linejoin: round; }
.l-default { stroke: var(--before); stroke-width: 1.5; stroke-dasharray: 6 4; }
.l-oracle { stroke: var(--oracle); stroke-width: 1.5; stroke-dasharray: 1.5 3.5; stroke-linecap: round; }
.l-best { stroke: var(--best); stroke-width: 2; }
.c-before { stroke: var(--before); stroke-width: 2; stroke-dasharray: 6 3; }
.c-after { stroke: var(--best); stroke-width: 2.25; }
.chart .t-default, .chart .t-before { fill: var(--before); }
.chart .t-best, .chart .t-after { fill: var(--best); }
.chart .t-oracle { fill: var(--oracle); }
.m-default { fill: var(--before); stroke: var(--page); }
.m-kept { fill: var(--best); stroke: var(--page); }
.m-back { fill: var(--page); stroke: var(--muted); stroke-width: 1.5; }
.m-breach { fill: var(--bad); stroke: var(--page); }
.m-rejected { fill: none; stroke: var(--rejected); stroke-width: 2; }
.d-before { fill: var(--before); stroke: var(--page); stroke-width: 1.5; }
.d-after { fill: var(--best); stroke: var(--page); stroke-width: 1.5; }

.command { position: relative; background: var(--soft); border-radius: .5rem; padding: .9rem 1rem; }
.command pre { white-space: pre-wrap; overflow-wrap: anywhere; padding-right: 5rem; user-select: all; font-size: .9rem; line-height: 1.5; }
button {
  font: inherit; font-size: .8rem; color: var(--text); background: var(--page); cursor: pointer;
  border: 1px solid var(--line); border-radius: .4rem; padding: .2rem .7rem;
}
button:hover { border-color: var(--muted); }
.command button { position: absolute; top: .7rem; right: .7rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(22rem, 1fr)); gap: 0 2.5rem; margin-top: 1.2rem; font-size: .9rem; }
.facts div { display: grid; grid-template-columns: 9.5rem 1fr; gap: .8rem; padding: .35rem 0; border-bottom: 1px solid var(--line); }
.facts dt { color: var(--muted); overflow-wrap: anywhere; }
.facts dd { overflow-wrap: anywhere; }
footer { margin-top: 3.5rem; border-top: 1px solid var(--line); }
footer button { margin-left: .4rem; }

@media screen and (max-width: 44rem) {
  main { padding: 1.25rem 1rem 3rem; }
  h2 { font-size: 1.25rem; }
  section { margin-top: 2.5rem; }
  .figures { font-size: 2rem; }
  .chart.wide { display: none; }
  .chart.narrow { display: block; }
  nav li { grid-template-columns: 1fr auto; }
  nav li span:nth-child(2) { grid-column: 1 / -1; grid-row: 2; }
  .headline, .change, .settings { display: block; }
  .settings { margin-top: 1.2rem; }
  .metrics th, .metrics td { padding-inline: .25rem; }
  .metrics { font-size: .8rem; }
  .metrics .word { width: auto; }
  .metrics small { display: none; }
  .cards, .cards tbody { display: block; }
  .cards thead { display: none; }
  .cards tr { display: grid; grid-template-columns: 1fr auto; column-gap: 1rem; padding: .7rem 0; border-bottom: 1px solid var(--line); }
  .cards th, .cards td { display: block; border: 0; padding: .08rem 0; text-align: right; }
  .cards th[scope=row] { grid-column: 1 / -1; text-align: left; font-weight: 600; padding: 0 0 .2rem; width: auto; }
  .cards td[data-label] { grid-column: 1 / -1; display: flex; justify-content: space-between; gap: 1rem; }
  .cards td[data-label]::before { content: attr(data-label); color: var(--muted); font-weight: 400; font-family: var(--mono); font-size: .9em; }
  .cards td.none { display: none; }
  .facts { display: block; }
  .cycles th[scope=row] { grid-column: 1; }
  .cycles th[scope=row]::before { content: 'cycle '; }
  .cycles td.outcome { grid-column: 2; grid-row: 1; }
  .cycles td.why { grid-column: 1 / -1; width: auto; padding-top: .4rem; }
}
@media print {
  html { font-size: 9.5pt; }
  main { max-width: none; padding: 0; }
  section { margin-top: 1.6rem; }
  article + article { break-before: page; border: 0; margin: 0; }
  .figure, tr, .command, .headline { break-inside: avoid; }
  h3, h4 { break-after: avoid; }
  .scroll { max-height: none; overflow: visible; }
  .scroll thead th { position: static; }
  button { display: none; }
  a { color: inherit; text-decoration: none; }
}
`;
