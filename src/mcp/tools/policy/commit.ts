import { tool } from '../../tool.js';
import { changeView } from '../os/change-view.js';
import { finishInput, finishOutput, finishTouches } from '../os/finish.js';

export const commitPolicy = tool({
  name: 'os.policy.commit',
  title: 'Commit a staged policy',
  description:
    'Keeps a staged policy in force: its deadman holds it when this server has ended, until it is reverted, the kernel ' +
    'ejects it, the deadman ends or the machine boots again.',
  effect: 'keep',
  input: finishInput,
  output: finishOutput,
  touches: (args, visit) => finishTouches(args, visit, 'policy'),
  run: ({ change_token }, { caller, services }) => ({
    change: changeView(services.changes.commit(change_token, { caller })),
  }),
});
