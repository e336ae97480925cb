#include "core/scx.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

namespace tunesmith {
namespace {

const std::string kHome = "/sys/kernel/sched_ext/";

std::string first_line(const std::string& name) {
  std::ifstream file(kHome + name);
  std::string line;
  std::getline(file, line);
  return line;
}

/// What the kernel's log says in brackets (scx_exit_reason() of kernel/sched/ext.c), and the kind it stands
/// for.
constexpr std::pair<const char*, int> kReasons[] = {
    {"unregistered from user space", 64},
    {"unregistered from BPF", 65},
    {"unregistered from the main kernel", 66},
    {"disabled by sysrq-S", 67},
    {"runtime error", 1024},
    {"scx_bpf_error", 1025},
    {"runnable task stall", 1026},
};

int kind_of(const std::string& reason) {
  for (const auto& [text, kind] : kReasons)
    if (reason == text) return kind;
  return 1024;
}

}  // namespace

ScxState read_scx() {
  ScxState out;
  out.state = first_line("state");
  out.supported = !out.state.empty();
  if (!out.supported) return out;
  out.ops = first_line("root/ops");
  out.switch_all = first_line("switch_all") == "1";
  std::istringstream(first_line("nr_rejected")) >> out.rejected;
  std::ifstream events(kHome + "root/events");
  std::string name;
  for (std::uint64_t count; events >> name >> count;) out.events[name] = count;
  return out;
}

ScxLog::ScxLog() : log_(open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {
  if (log_.open()) lseek(log_.get(), 0, SEEK_END);
}

/// One record a read: "priority,number,time,flags;text", then lines of further fields.
void ScxLog::read_on() {
  char record[8192];
  while (log_.open()) {
    const ssize_t got = read(log_.get(), record, sizeof record);
    if (got < 0 && errno == EPIPE) continue;  // records were overwritten; the next one is there
    if (got <= 0) return;
    const std::string whole(record, static_cast<std::size_t>(got));
    const std::size_t from = whole.find(';') + 1;
    text_ += whole.substr(from, whole.find('\n', from) - from) + '\n';
  }
}

std::optional<ScxExit> ScxLog::end_of(const std::string& policy) {
  read_on();
  const std::string head = "sched_ext: BPF scheduler \"" + policy + "\" disabled (";
  const std::size_t at = text_.rfind(head);
  if (at == std::string::npos) return std::nullopt;
  const std::size_t from = at + head.size();
  ScxExit out;
  out.source = "kernel-log";
  out.reason = text_.substr(from, text_.find(")\n", from) - from);
  out.kind = kind_of(out.reason);
  const std::string tail = "sched_ext: " + policy + ": ";
  const std::size_t message = text_.find(tail, from);
  if (message != std::string::npos) {
    const std::size_t begin = message + tail.size();
    out.message = text_.substr(begin, text_.find('\n', begin) - begin);
  }
  return out;
}

}  // namespace tunesmith
