import { TunesmithError } from '../errors.js';
import { knobsOf } from '../knobs/catalogue.js';
import { HOST_KNOBS } from '../knobs/host.js';
import type { HostKnob, SchedulerClass } from '../knobs/types.js';
import { FileSetting } from './file.js';
import { LoadSlice } from './load-slice.js';
import { inDebugfs, type Located, type Refusal, sysctl, weight } from './locate.js';
import { type Scope, scopeText } from './scope.js';
import type { Setting } from './setting.js';
import { SliceSetting } from './slice.js';

/** The knobs that can be read and written here for a scope, and the others with the reason. Writes nothing. */
export function offer(scheduler: SchedulerClass, scope: Scope): { settings: Setting[]; refused: Refusal[] } {
  const host = HOST_KNOBS.filter(({ classes }) => classes.includes(scheduler));
  const found = [
    ...knobsOf(scheduler).map((knob) => inFile(inDebugfs(knob))),
    ...host.map((knob) => hostKnob(knob, scope)),
  ];
  return {
    settings: found.filter((item) => 'before' in item),
    refused: found.filter((item) => 'why' in item),
  };
}

const inFile = (found: Located | Refusal, scope?: string): Setting | Refusal =>
  'why' in found ? found : new FileSetting(found.knob, found.path, found.notation, scope);

function hostKnob(knob: HostKnob, scope: Scope): Setting | Refusal {
  if (knob.home === 'cgroup') return inFile(weight(knob, scope), scopeText(scope));
  if (knob.home === 'sysctl') return inFile(sysctl(knob));
  try {
    return scope.kind === 'load' ? new LoadSlice() : new SliceSetting(scope);
  } catch (error) {
    if (!(error instanceof TunesmithError)) throw error;
    return { knob: knob.name, why: error.message, fix: error.hint ?? '' };
  }
}
