import { tool } from '../../tool.js';
import { changeView } from './change-view.js';
import { finishInput, finishOutput, finishTouches, withoutStep } from './finish.js';

export const revertParams = tool({
  name: 'os.scheduler.revert_params',
  title: 'Revert a change',
  description:
    'Puts the values back that were in force before a change, staged or committed. What somebody else has changed ' +
    'meanwhile is left and told in its items. The paper’s os.scheduler/revert_cfs_params.',
  effect: 'revert',
  input: finishInput,
  output: finishOutput,
  touches: (args, visit) => withoutStep(finishTouches(args, visit, 'knobs')),
  run: ({ change_token }, { caller, services }) => ({
    change: changeView(services.changes.revert(change_token, { caller })),
  }),
});
