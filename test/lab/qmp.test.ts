import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Qmp } from '../../src/lab/qmp.js';
import { tree } from '../host/fixture.js';

/** Both ends of a control socket; `lines` is what came out at QEMU's end. */
async function socket() {
  const server = createServer();
  const path = join(tree(), 'qmp');
  server.listen(path);
  await once(server, 'listening');
  const mine = connect(path);
  const [far] = (await once(server, 'connection')) as [Socket];
  onTestFinished(() => {
    mine.destroy();
    far.destroy();
    server.close();
  });
  const lines: string[] = [];
  far.setEncoding('utf8');
  far.on('data', (text: string) => lines.push(...text.trim().split('\n')));
  return { qmp: new Qmp(mine), far, lines };
}

it('matches replies to commands, in any order and any pieces', async () => {
  const { qmp, far, lines } = await socket();
  const first = qmp.execute('query-status');
  const second = qmp.execute('migrate', { uri: 'file:x' });
  await expect.poll(() => lines.length).toBe(2);
  expect(JSON.parse(lines[1] as string)).toEqual({ execute: 'migrate', arguments: { uri: 'file:x' }, id: 2 });
  far.write('{"QMP":{}}\r\n{"return":{"n":2},"id":2}\r\n{"return":{"n"');
  expect(await second).toEqual({ n: 2 });
  far.write(':1},"id":1}\r\n{"return":{},"id":99}\n');
  expect(await first).toEqual({ n: 1 });
});

it('wakes who waits for an event, once', async () => {
  const { qmp, far } = await socket();
  const stop = qmp.event('STOP');
  far.write('{"event":"RESUME","timestamp":{}}\n{"event":"STOP","timestamp":{}}\n');
  await expect(stop).resolves.toBeUndefined();
});

it('passes on why QEMU refuses', async () => {
  const { qmp, far } = await socket();
  const refused = qmp.execute('cont');
  far.write('{"error":{"class":"GenericError","desc":"Guest is dead"},"id":1}\n');
  await expect(refused).rejects.toMatchObject({ code: 'guest', message: 'QEMU refused: Guest is dead' });
});

it('fails what is under way, and what comes after, when QEMU is gone', async () => {
  const { qmp, far } = await socket();
  const waiting = qmp.execute('cont');
  far.destroy();
  await expect(waiting).rejects.toMatchObject({
    code: 'guest',
    message: expect.stringContaining('control socket'),
  });
  await new Promise((resolve) => setTimeout(resolve, 20)); // until the stream has closed for good
  await expect(qmp.execute('cont')).rejects.toMatchObject({
    code: 'guest',
    message: expect.stringContaining('control socket'),
  });
});

it('takes a line that is no JSON for a broken QEMU, not for an end of its own', async () => {
  const { qmp, far } = await socket();
  const waiting = qmp.execute('cont');
  far.write('Segmentation fault\n');
  await expect(waiting).rejects.toMatchObject({
    code: 'guest',
    message: expect.stringContaining('control socket'),
  });
});
