#pragma once
// Where the guest meets the host. Port 0xe9 and 0xeb are debug consoles whose pipes the host keeps full, so a
// one-byte write stops QEMU's only vCPU thread, and with it every CPU of the guest, at that instruction.
#include "mailbox.h"

namespace agent {

/// Asks for the I/O ports used here. Call once, as root.
void open_ports();

/// Stops the guest for a snapshot (pvpanic with QEMU -action panic=pause) and returns after the host's "cont"; with
/// panic=none it goes straight on. Returns the TSC ticks that passed: a few for the port write alone. Many mean
/// that QEMU's main loop took the stopped CPU for an idle one and skipped ahead to the next timer, a race of its
/// threads; such a snapshot is not the guest a cold boot has, and the host makes it again.
std::uint64_t stop_for_snapshot();

/// Freezes the guest until the host has written a request and opened both gates in turn. Phases per round:
/// 4k+1 at gate A, 4k+2 past A, 4k+3 past B, 4k+4 step done (caller).
void meet_host(Mailbox& mailbox);

/// Makes the guest's CPUs take turns every 122 µs instead of once a tick, see gate.cc.
void shorten_turns();

}  // namespace agent
