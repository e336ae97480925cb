/** Sockets × cores × threads must give the number of CPUs; NUMA nodes share CPUs and memory evenly. */
export interface Topology {
  readonly cpus: number;
  readonly sockets: number;
  readonly threads: number;
  readonly nodes: number;
}

/** What decides a guest's behaviour, and therefore a trial's key. */
export interface MachineShape extends Topology {
  readonly memoryMib: number;
  /** `exact`: one vCPU thread, virtual clock. `fast`: a thread a CPU, host clock, not repeatable. */
  readonly mode: 'exact' | 'fast';
  /** One guest instruction takes 2^shift ns of virtual time. */
  readonly shift: number;
  readonly mailboxMib: number;
}

/** Files and descriptors a machine is started with. */
export interface MachineParts {
  readonly kernel: string;
  readonly image: string;
  readonly incoming: string | null;
  /** Whether the agent's request to be stopped is followed (to take a snapshot) or passed over. */
  readonly stopForSnapshot: boolean;
  /** Descriptors inherited by QEMU: control socket, mailbox, gates A and B. */
  readonly fds: { readonly qmp: number; readonly mailbox: number; readonly gates: readonly [number, number] };
}

/**
 * The guest's command line. What is left out of the boot is what has no part in scheduling: watchdogs, crypto
 * self-tests, mitigations (which TCG would only pay for in time).
 */
const KERNEL_ARGS = [
  'console=ttyS0',
  'panic=-1',
  'quiet',
  'nokaslr',
  'random.trust_cpu=off',
  'tsc=reliable',
  'no_timer_check',
  'mitigations=off',
  'nowatchdog',
  'cryptomgr.notests',
  'rcupdate.rcu_expedited=1',
  'audit=0',
  'initcall_blacklist=cmos_init', // the agent has the RTC to itself (native/agent/gate.h)
  'rootfstype=ramfs', // a tmpfs root holds half of the memory only, too little for a database
];

/** Without what a lab guest never uses and a boot would wait for. */
const MACHINE = 'q35,hpet=off,smm=off,vmport=off,i8042=off,sata=off,usb=off';

/**
 * A versioned model, so that a newer QEMU cannot change it; old enough to have no hardware random numbers and
 * none of the wide registers that TCG emulates slowly (booting takes a quarter less than with `max`).
 */
const CPU_MODEL = 'Nehalem-v1';

function numaArgs(shape: MachineShape): string[] {
  if (shape.nodes <= 1) return [];
  const perNode = shape.cpus / shape.nodes;
  return Array.from({ length: shape.nodes }, (_, node) => [
    '-object',
    `memory-backend-ram,id=node${node},size=${shape.memoryMib / shape.nodes}M`,
    '-numa',
    `node,nodeid=${node},memdev=node${node},cpus=${node * perNode}-${(node + 1) * perNode - 1}`,
  ]).flat();
}

/** Node overflows 128 MiB of translated code, and then starts a quarter slower. */
const FAST_CODE_MIB = 256;

const clockArgs = (shape: MachineShape): string[] =>
  shape.mode === 'exact'
    ? [
        '-accel',
        'tcg,thread=single,tb-size=128',
        '-icount',
        `shift=${shape.shift},sleep=off`,
        '-rtc',
        'clock=vm,base=2026-01-01',
      ]
    : ['-accel', `tcg,thread=multi,tb-size=${FAST_CODE_MIB}`];

/** Only an exact guest has to do without the host's random numbers; with them a fast one need not wait for its own. */
const FAST_KERNEL_ARGS = KERNEL_ARGS.filter((arg) => !arg.startsWith('random.'));
const FAST_CPU_MODEL = `${CPU_MODEL},+rdrand`;

/** QEMU's whole argument list for a lab machine (lab.md has the reasons for each). */
export function qemuArgs(shape: MachineShape, parts: MachineParts): string[] {
  const { fds } = parts;
  const [model, kernelArgs] =
    shape.mode === 'exact' ? [CPU_MODEL, KERNEL_ARGS] : [FAST_CPU_MODEL, FAST_KERNEL_ARGS];
  const cores = shape.cpus / (shape.sockets * shape.threads);
  return [
    ...['-M', MACHINE, '-cpu', model, '-nodefaults', '-display', 'none', '-no-reboot'],
    ...['-smp', `${shape.cpus},sockets=${shape.sockets},cores=${cores},threads=${shape.threads}`],
    ...['-m', String(shape.memoryMib), ...numaArgs(shape), ...clockArgs(shape)],
    ...['-kernel', parts.kernel, '-initrd', parts.image, '-append', kernelArgs.join(' ')],
    ...['-chardev', 'stdio,id=console,signal=off', '-serial', 'chardev:console'],
    ...['-chardev', `socket,id=qmp,fd=${fds.qmp}`, '-mon', 'chardev=qmp,mode=control'],
    ...[
      '-object',
      `memory-backend-file,id=mailbox,mem-path=/proc/self/fd/${fds.mailbox},size=${shape.mailboxMib}M,share=on`,
    ],
    ...['-device', 'ivshmem-plain,memdev=mailbox,master=on'],
    ...[
      '-chardev',
      `file,id=gate-a,path=/proc/self/fd/${fds.gates[0]}`,
      '-device',
      'isa-debugcon,iobase=0xe9,chardev=gate-a',
    ],
    ...[
      '-chardev',
      `file,id=gate-b,path=/proc/self/fd/${fds.gates[1]}`,
      '-device',
      'isa-debugcon,iobase=0xeb,chardev=gate-b',
    ],
    ...['-device', 'pvpanic', '-action', `panic=${parts.stopForSnapshot ? 'pause' : 'none'}`],
    ...(parts.incoming === null
      ? []
      : ['-global', 'migration.announce-rounds=0', '-incoming', 'defer', '-S']),
  ];
}

const NO_PARTS: MachineParts = {
  kernel: '',
  image: '',
  incoming: null,
  stopForSnapshot: false,
  fds: { qmp: 0, mailbox: 0, gates: [0, 0] },
};

/** A machine's whole command line but for its files: part of every trial's key (even the size of QEMU's code cache
 * shows in the results, because interrupts are taken between translated blocks). */
export const machineIdentity = (shape: MachineShape): readonly string[] => qemuArgs(shape, NO_PARTS);
