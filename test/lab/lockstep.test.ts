import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { whileBusy } from '../../src/bench/busy.js';
import { Lab } from '../../src/lab/lab.js';
import { prepareTrial } from '../../src/lab/prepare.js';
import { Session } from '../../src/lab/session.js';
import { machineShape } from '../../src/lab/shape.js';
import { stepsOf } from '../../src/verify/course.js';
import { COUNTING_MAILBOX_MIB } from '../../src/verify/interrupts.js';
import { forkStorm } from '../../src/verify/probes/fork-storm.js';
import { kernelThreads } from '../../src/verify/probes/kernel-threads.js';
import { guestOf, program } from './guests.js';
import { scratchCache } from './scratch.js';

const cache = scratchCache();
const SLOW = { timeout: 900_000 };

describe('an exact guest', SLOW, () => {
  it('that forks does the same beside a busy host as on a quiet one', async () => {
    const lab = new Lab({ fresh: true, machines: 4 });
    try {
      const request = { kernel: 'eevdf', workload: 'stressors', cpus: 2, seed: 1 };
      const { spec, files, defaults } = await prepareTrial(lab, request);
      const shape = { ...spec.shape, mailboxMib: COUNTING_MAILBOX_MIB };
      const guest = { ...spec, shape, knobs: defaults };
      const steps = stepsOf({ cpus: 2, probes: [kernelThreads, forkStorm] }, guest);
      const run = async (): Promise<unknown[]> => {
        const replies: unknown[] = [];
        for await (const reply of lab.course(guest, files, steps)) replies.push(reply);
        return replies;
      };
      const quiet = await run();
      expect(quiet).toMatchObject([{}, { ok: true }, {}, { ok: true, metrics: { fork_errors: 0 } }, {}]);
      const busy = await whileBusy(() => Promise.all([run(), run(), run(), run()]));
      for (const replies of busy) expect(replies).toEqual(quiet);
    } finally {
      await lab.close();
    }
  });

  it('is refused where QEMU does not take what keeps it in step', async () => {
    // A static program, as a QEMU that was linked so would be: it answers the first command at its control socket.
    const qemu = join(cache, 'qemu');
    const answering = `#include <stdio.h>
#include <string.h>
#include <unistd.h>
int main(void) {
  char asked[4096];
  const ssize_t got = read(3, asked, sizeof asked - 1);
  asked[got < 0 ? 0 : got] = 0;
  const char *id = strstr(asked, "\\"id\\":");
  dprintf(3, "{\\"return\\": {}, \\"id\\": %.1s}\\n", id == NULL ? "0" : id + 5);
  pause();
}`;
    writeFileSync(qemu, program(answering));
    chmodSync(qemu, 0o755);
    const shape = machineShape({ cpus: 1, memoryMib: 128 });
    await expect(Session.boot(await guestOf(Buffer.from('x'), { qemu, shape }))).rejects.toMatchObject({
      code: 'incapable',
      message: expect.stringMatching(/ runs without .*tunesmith-lockstep\.so: it would not be exact$/),
    });
  });
});
