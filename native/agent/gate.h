#pragma once
// Where the guest meets the host. Port 0xe9 and 0xeb are debug consoles whose pipes the host keeps full, so a
// one-byte write stops QEMU's only vCPU thread, and with it every CPU of the guest, at that instruction.
// An arm64 machine has no ports: its guest is given its one step at boot and never meets the host.
#include "mailbox.h"

namespace agent {

/// Asks for the I/O ports used here, where there are any. Call once, as root.
void open_ports();

/// Stops the guest for a snapshot (pvpanic with QEMU -action panic=pause) and returns after the host's
/// "cont"; with panic=none it goes straight on. While QEMU stops, its main loop may take the stopped CPU for
/// an idle one and skip ahead to the next timer, a race of its threads: so a cold boot does not stop here,
/// and a snapshot is known by the guest's clock at the first gate.
void stop_for_snapshot();

/// Freezes the guest until the host has written a request and opened both gates in turn. Phases per round:
/// 4k+1 at gate A, 4k+2 past A, 4k+3 past B, 4k+4 step done (caller). Throws on a machine without gates.
void meet_host(Mailbox& mailbox);

/// The same for a live guest, whose clock is the host's: it runs on while it waits, polling for the `round`th
/// request (the first is 1), ever more seldom down to every 20 ms.
void await_host(Mailbox& mailbox, std::uint64_t round);

/// Makes the guest's CPUs take turns every 122 µs instead of once a tick. Under -icount QEMU lets a CPU run
/// up to the next timer of the virtual clock before the next CPU has its turn. Ticks are 4 ms apart, so one
/// CPU would see the other frozen for milliseconds. A periodic timer of a device that never interrupts
/// anybody bounds a turn.
void shorten_turns();

}  // namespace agent
