import { tool } from '../../tool.js';
import { changeView } from './change-view.js';
import { finishInput, finishOutput, finishTouches } from './finish.js';

export const revertParams = tool({
  name: 'os.scheduler.revert_params',
  title: 'Revert a change',
  description:
    'Puts the values back that were in force before a change, staged or committed. What somebody else has changed ' +
    'meanwhile is left and told in its items. The paper’s os.scheduler/revert_cfs_params.',
  effect: 'revert',
  input: finishInput,
  output: finishOutput,
  touches: (args, visit) => {
    // The rules judge the step to what it goes back to, which was fine before: only tool, scope and risk count.
    const { values: _, current: __, ...rest } = finishTouches(args, visit);
    return rest;
  },
  run: ({ change_token }, { caller, services }) => ({
    change: changeView(services.changes.revert(change_token, { caller })),
  }),
});
