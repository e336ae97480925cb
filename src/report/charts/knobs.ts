import type { TuneResult } from '../../loop/result.js';
import { defaultValues } from '../facts.js';
import { figure, tickLabel } from '../format.js';
import { type Html, html } from '../html.js';
import { cycleScale, markRadius, stepPath } from './cycle-axis.js';
import { type Frame, figureOf, px, xAxis, yAxis } from './frame.js';
import { type LineLabel, lineLabels } from './labels.js';
import { mark } from './marks.js';
import { linearScale, logScale, type Range } from './scale.js';

type Knob = TuneResult['knobs'][number];

/**
 * What one knob was set to in every cycle, over its whole range: marks for the values tried, a step line for the
 * value kept. Logarithmic where the knob is.
 */
export function knobChart(result: TuneResult, knob: Knob): Html {
  return figureOf(`${knob.name} in each cycle`, 180, (frame) => draw(result, knob, frame));
}

function draw(result: TuneResult, knob: Knob, frame: Frame): Html {
  const { cycles, best } = result;
  const start = defaultValues(result)[knob.name] ?? knob.default;
  const x = cycleScale(frame, cycles);
  const pixels: Range = [frame.bottom - 8, frame.top];
  const make = knob.scale === 'log' ? logScale : linearScale;
  const y = make([knob.min, knob.max], pixels, 4);
  const rows = cycles.flatMap(({ cycle, outcome, values }) => {
    const value = values[knob.name];
    return value === undefined ? [] : [{ cycle, outcome, value }];
  });
  const kept = rows.filter(({ outcome }) => outcome === 'default' || outcome === 'kept');
  const labels: LineLabel[] = [
    { name: 'default', value: figure(start, knob.unit), y: y.at(start), style: 't-default' },
  ];
  const chosen = best.values[knob.name];
  if (chosen !== undefined && chosen !== start)
    labels.push({ name: 'best', value: figure(chosen, knob.unit), y: y.at(chosen), style: 't-best' });

  return html`${yAxis(frame, y, (tick) => tickLabel(tick, knob.unit))}${xAxis(frame, x, String, 'cycle')}
<path class="l-default" d="M${frame.left} ${px(y.at(start))}H${frame.right}"/>
<path class="l-best" d="${stepPath(
    frame,
    x,
    kept.map(({ cycle, value }) => [cycle, y.at(value)]),
  )}"/>
${rows.map(
  ({
    cycle,
    outcome,
    value,
  }) => html`<g>${mark(outcome, x.at(cycle), y.at(value), markRadius(frame, cycles.length, outcome))}
<title>cycle ${cycle}: ${figure(value, knob.unit)}, ${outcome}</title></g>
`,
)}${lineLabels(frame, labels)}`;
}
