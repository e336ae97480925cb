import { connect, type Socket } from 'node:net';
import { TunesmithError } from '../../errors.js';

const END = '\r\n\r\n';

/**
 * One request of HTTP/1.1 after the other over one connection that is kept, each the same bytes. The time that Node's own
 * client takes would be told as the server's.
 */
export class BareHttp {
  private readonly socket: Socket;
  private readonly request: Buffer;
  private got = '';
  private waiting: { readonly resolve: () => void; readonly reject: (error: unknown) => void } | undefined;

  constructor(
    { host, hostname, port, pathname }: URL,
    headers: Readonly<Record<string, string>>,
    body: string,
  ) {
    const length = { 'content-length': String(Buffer.byteLength(body)) };
    const lines = Object.entries({ host, ...headers, ...length }).map(([name, value]) => `${name}: ${value}`);
    this.request = Buffer.from([`POST ${pathname} HTTP/1.1`, ...lines, '', body].join('\r\n'));
    this.socket = connect(Number(port), hostname).setNoDelay(true).setEncoding('latin1');
    this.socket.on('data', (text: string) => this.take(text));
    this.socket.on('error', (error) => this.waiting?.reject(error));
    this.socket.on('close', () => this.waiting?.reject(new TunesmithError('rejected', 'the server hung up')));
  }

  /** @throws TunesmithError (rejected) for any answer but 200 */
  call(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.socket.write(this.request);
    });
  }

  close(): void {
    this.waiting = undefined;
    this.socket.destroy();
  }

  private take(text: string): void {
    this.got += text;
    const head = this.got.indexOf(END);
    if (head < 0) return;
    const length = Number(/^content-length: (\d+)/im.exec(this.got)?.[1]);
    if (this.got.length < head + END.length + length) return;
    const { waiting, got } = this;
    this.waiting = undefined;
    this.got = '';
    if (got.startsWith('HTTP/1.1 200 ')) waiting?.resolve();
    else waiting?.reject(new TunesmithError('rejected', got.split('\r\n', 1)[0] ?? ''));
  }
}
