import { tool } from '../../tool.js';
import { changeView } from '../os/change-view.js';
import { finishInput, finishOutput, finishTouches, withoutStep } from '../os/finish.js';

export const revertPolicy = tool({
  name: 'os.policy.revert',
  title: 'Revert a policy',
  description: 'Ends a policy, staged or committed: the kernel’s own scheduler is back when this returns.',
  effect: 'revert',
  input: finishInput,
  output: finishOutput,
  touches: (args, visit) => withoutStep(finishTouches(args, visit, 'policy')),
  run: ({ change_token }, { caller, services }) => ({
    change: changeView(services.changes.revert(change_token, { caller })),
  }),
});
