import { type Arch, isOneShot } from './arch.js';

/** Sockets × cores × threads must give the number of CPUs; NUMA nodes share CPUs and memory evenly. */
export interface Topology {
  readonly cpus: number;
  readonly sockets: number;
  readonly threads: number;
  readonly nodes: number;
}

/** What decides a guest's behaviour, and therefore a trial's key. */
export interface MachineShape extends Topology {
  readonly arch: Arch;
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
  'panic=-1',
  'quiet',
  'nokaslr',
  'random.trust_cpu=off',
  'mitigations=off',
  'nowatchdog',
  'cryptomgr.notests',
  'rcupdate.rcu_expedited=1',
  'audit=0',
  'rootfstype=ramfs', // a tmpfs root holds half of the memory only, too little for a database
];

/** What differs between architectures: QEMU's board, a CPU, and words for the kernel. */
interface Board {
  readonly machine: string;
  readonly cpu: string;
  readonly kernelArgs: readonly string[];
}

/**
 * Without what a lab guest never uses and a boot would wait for. The CPU is a versioned model, so that a newer QEMU
 * cannot change it; old enough to have no hardware random numbers and none of the wide registers that TCG emulates
 * slowly (booting takes a quarter less than with `max`).
 */
const X64: Board = {
  machine: 'q35,hpet=off,smm=off,vmport=off,i8042=off,sata=off,usb=off',
  cpu: 'Nehalem-v1',
  kernelArgs: [
    'console=ttyS0',
    'tsc=reliable',
    'no_timer_check',
    'initcall_blacklist=cmos_init', // the agent has the RTC to itself (native/agent/gate_x86.cc)
  ],
};

/**
 * A real CPU with a PMU (PMUv3) but, unlike `max`, without random numbers of its own or pointer authentication, which
 * TCG emulates slowly. The device tree is to hold no random numbers either.
 */
const ARM64: Board = {
  machine: 'virt,gic-version=3,its=off,acpi=off,dtb-randomness=off',
  cpu: 'neoverse-n1',
  kernelArgs: ['console=ttyAMA0'],
};

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

/** Where the guest meets the host, and stops for a snapshot (native/agent/gate_x86.cc). */
const gateArgs = ({ fds, stopForSnapshot }: MachineParts): string[] => [
  ...['a', 'b'].flatMap((name, i) => [
    ...['-chardev', `file,id=gate-${name},path=/proc/self/fd/${fds.gates[i]}`],
    ...['-device', `isa-debugcon,iobase=${i === 0 ? '0xe9' : '0xeb'},chardev=gate-${name}`],
  ]),
  ...['-device', 'pvpanic', '-action', `panic=${stopForSnapshot ? 'pause' : 'none'}`],
];

/** A timer that shortens turns (native/agent/gate_arm64.cc). */
const TIMER_ARGS = ['-device', 'i6300esb', '-action', 'watchdog=none'];

/** Only an exact guest has to do without the host's random numbers; with them a fast one need not wait for its own. */
function boardOf({ arch, mode }: MachineShape): Board {
  const board = arch === 'arm64' ? ARM64 : X64;
  const kernelArgs = [...board.kernelArgs, ...KERNEL_ARGS];
  if (mode === 'exact') return { ...board, kernelArgs };
  return {
    ...board,
    cpu: arch === 'arm64' ? board.cpu : `${board.cpu},+rdrand`,
    kernelArgs: kernelArgs.filter((arg) => !arg.startsWith('random.')),
  };
}

/** QEMU's whole argument list for a lab machine (lab.md has the reasons for each). */
export function qemuArgs(shape: MachineShape, parts: MachineParts): string[] {
  const { fds } = parts;
  const { machine, cpu, kernelArgs } = boardOf(shape);
  const cores = shape.cpus / (shape.sockets * shape.threads);
  return [
    ...['-M', machine, '-cpu', cpu, '-nodefaults', '-display', 'none', '-no-reboot'],
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
    ...(isOneShot(shape) ? TIMER_ARGS : gateArgs(parts)),
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
