import type { Knob } from '../../knobs/types.js';
import { figure, tickLabel } from '../format.js';
import { type Html, html } from '../html.js';
import { stepPath } from './cycle-axis.js';
import { figureOf, px, xAxis, yAxis } from './frame.js';
import { linearScale, logScale } from './scale.js';

/** A knob's values of one run, cycle by cycle. */
export interface Trajectory {
  readonly name: string;
  readonly values: readonly number[];
}

/**
 * What one knob was set to in every cycle of one run, over its whole range; the oracle's value across, and a dashed
 * line at every cycle in `changes`.
 */
export function trajectoryChart(
  knob: Pick<Knob, 'name' | 'unit' | 'min' | 'max' | 'scale'>,
  { name, values }: Trajectory,
  oracle: number | undefined,
  changes: readonly number[] = [],
): Html {
  return figureOf(`${knob.name} as ${name} set it`, 150, (frame) => {
    const make = knob.scale === 'log' ? logScale : linearScale;
    const y = make([knob.min, knob.max], [frame.bottom - 8, frame.top], 4);
    const x = linearScale([0, Math.max(1, values.length - 1)], [frame.left + 8, frame.right - 8], 8);
    const path = stepPath(
      frame,
      x,
      values.map((value, cycle) => [cycle, y.at(value)]),
    );
    return html`${yAxis(frame, y, (tick) => tickLabel(tick, knob.unit))}${xAxis(frame, x, String, 'cycle')}
${
  oracle !== undefined &&
  html`<path class="l-oracle" d="M${frame.left} ${px(y.at(oracle))}H${frame.right}"/>
<text class="t-oracle" x="${frame.right + 8}" y="${px(y.at(oracle) + 4)}">oracle ${figure(oracle, knob.unit)}</text>`
}
${changes.map((cycle) => html`<path class="l-default" d="M${px(x.at(cycle))} ${frame.top}V${frame.bottom}"/>`)}
<path class="l-best" d="${path}"/>`;
  });
}
