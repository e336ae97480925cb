#pragma once

namespace agent {

/// The same loads on the machine this process runs on: reads one JSON request from standard input, writes one
/// JSON reply to standard output, and returns an exit status. Requests:
///   {"op":"calibrate"}  -> {"ok":true, "loops_per_ms": burn() iterations a CPU does in 1 ms}
///   {"op":"measure", "workload", "params", "seed", "warmup_ns", "window_ns", "slice_ns"?}
///                       -> {"ok":true, "metrics", "distributions"} as in the guest
/// `slice_ns` gives every thread of the load an EEVDF slice of its own (Linux 6.12 or newer, 100 µs to 100
/// ms). Knobs are never written: the load is the only thing this changes, and it ends with the process.
int run_on_host();

}  // namespace agent
