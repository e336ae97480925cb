#pragma once
// Small wrappers over what PID 1 of the guest needs from the kernel. Failures throw std::runtime_error with
// the path and the reason, because a lab result that hides one would be worse than none.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace agent {

/// "what: path: strerror(errno)" as an exception.
[[noreturn]] void fail(std::string_view what, std::string_view path);

std::string read_file(const std::string& path);
void write_file(const std::string& path, std::string_view text);
bool exists(const std::string& path);

/// Names in a directory without "." and "..", sorted so that every run sees one order.
std::vector<std::string> list_dir(const std::string& path);

/// Mounts proc, sysfs, debugfs, tracefs, devtmpfs, cgroup2 and the tmpfs places programs expect.
void mount_all();

/// Brings CPUs 1..n-1 online or takes them offline; CPU 0 always stays.
void set_secondary_cpus(bool online);
int online_cpus();
int present_cpus();
/// Numbers of the CPUs that are online; there may be holes.
std::vector<int> online_cpu_numbers();

/// Pins the calling thread.
void pin_to_cpu(int cpu);
/// Keeps the calling thread to `count` of the CPUs it may use, from the `first` of them on; after the last
/// comes the first.
void keep_to_cpus(int first, int count);

/// CLOCK_MONOTONIC in nanoseconds.
std::uint64_t now_ns();
void sleep_until_ns(std::uint64_t when);
/// The CPU's own counter of time: x86's TSC, arm64's virtual count.
std::uint64_t read_tsc();

}  // namespace agent
