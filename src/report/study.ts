import { rowsOf } from '../bench/study/figures.js';
import type { StudyResult } from '../bench/study/run.js';
import { trajectoryChart } from './charts/trajectory.js';
import { violinChart } from './charts/violin.js';
import { figure } from './format.js';
import { type Html, html } from './html.js';
import { markdown } from './markdown.js';
import { pageOf } from './page.js';

/**
 * A study as one self-contained page without a script: a violin of the objective per tuner, what each tuner set in its
 * first seed's run, and the tables as text. A pure function of its arguments.
 * @param text the study's tables (`studyText`)
 */
export function renderStudy(title: string, studies: readonly StudyResult[], text: string): string {
  return pageOf({
    title,
    subtitle: title,
    policy: "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    main: html`${studies.map(caseSection)}
<section><h2>Tables</h2>${markdown(text)}</section>
<footer><p class="note">This page is complete in itself: it loads nothing. Every cycle is in <code>study.json</code>.</p></footer>
`,
  });
}

function caseSection(study: StudyResult): Html {
  const { unit, metric } = study.objective;
  const violins = rowsOf(study).map(({ tuner }) => ({
    name: tuner,
    values: study.runs
      .filter((run) => run.tuner === tuner)
      .flatMap(({ objectives }) => objectives.filter((value) => value !== null)),
  }));
  const { oracle, default: start } = study;
  return html`<section><h2>${study.name}</h2>
<p><code>${metric}</code> in every cycle of all seeds; the dashed line is the default, ${figure(start.objective, unit)}.
The oracle has ${figure(oracle.objective, unit)}.</p>
${violinChart(`${metric} per tuner, ${study.name}`, violins, unit, start.objective)}
<details><summary>What each tuner set, first seed</summary>
${violins.map(({ name }) => trajectories(study, name))}</details></section>
`;
}

function trajectories(study: StudyResult, tuner: string): Html {
  const run = study.runs.find((other) => other.tuner === tuner);
  return html`<h3>${tuner}</h3>${study.knobs.map((knob) => {
    const values = run?.values.flatMap((row) => row[knob.name] ?? []) ?? [];
    return html`<p class="note"><code>${knob.name}</code></p>${trajectoryChart(
      knob,
      { name: tuner, values },
      study.oracle.values[knob.name],
      study.changes,
    )}`;
  })}`;
}
