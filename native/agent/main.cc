// PID 1 of the lab guest. Boots, prepares one workload, stops for a snapshot, then serves steps: one request,
// one measured window, one reply, with the whole guest frozen at a gate in between.
#include <fcntl.h>
#include <sched.h>
#include <sys/reboot.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdio>
#include <stdexcept>
#include <string_view>

#include "count.h"
#include "exec.h"
#include "export.h"
#include "gate.h"
#include "host.h"
#include "knobs.h"
#include "latency.h"
#include "mailbox.h"
#include "policy.h"
#include "runq.h"
#include "sys.h"
#include "workload.h"

namespace agent {
namespace {

/// PID 1 opens and closes windows, so it must not wait behind the load; its children are normal tasks again.
void run_first() {
  sched_param param{};
  param.sched_priority = 50;
  if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &param) != 0)
    fail("sched_setscheduler", "agent");
}

/// Idle for 50 ms: whatever is under way in the kernel settles.
void nap() {
  sleep_until_ns(now_ns() + 50000000);
}

void open_console() {
  const int console = open("/dev/console", O_RDWR);
  for (int fd = 0; fd <= 2 && console >= 0; ++fd) dup2(console, fd);
}

class Guest {
 public:
  /// Reads the boot request {workload, params, live?} and gets the workload ready to run.
  void prepare(const json& request) {
    live_ = request.value("live", false);
    name_ = request.at("workload").get<std::string>();
    workload_ = make_workload(name_);
    workload_->prepare(request.at("params"));
    if (live_) return;  // nothing is measured in a live guest, and BPF is its programs' own
    watch_queues();
    watch_latency();
  }

  /// Whether it runs on the host's clock and is never frozen.
  bool live() const { return live_; }

  json serve(const json& request, Mailbox& mailbox) {
    const std::string op = request.at("op").get<std::string>();
    if (op == "measure") return measure(request);
    if (op == "describe") return describe(request);
    if (op == "policy_load") return policy_.check(request.at("policy"));
    if (op == "policy_attach") return policy_.enter(request.at("policy"));
    if (op == "policy_status") return policy_.look();
    if (op == "policy_detach") return policy_.leave();
    if (op == "count") return count_loops(request);
    if (op == "exec") return exec_program(request, mailbox);
    if (op == "export") return export_files(request.at("paths"), mailbox);
    throw std::invalid_argument("unknown op " + op);
  }

 private:
  json measure(const json& request) {
    set_knobs(request.at("knobs"));
    if (!request.value("telemetry", true)) unwatch_latency();
    json reply;
    if (request.contains("policy")) reply["policy"] = policy_.enter(request.at("policy"));
    Outcome outcome;
    if (!request.contains("policy") || is_in_force(reply["policy"])) run_under(request, outcome, reply);
    reply["metrics"] = outcome.metrics;
    reply["distributions"] = outcome.distributions;
    reply["window_ns"] = outcome.window_ns;
    if (request.contains("policy")) policy_.leave();
    reply["knobs"] = read_knobs(request.at("knobs"));
    reply["tsc"] = read_tsc();
    return reply;
  }

  static bool is_in_force(const json& entered) {
    return entered.contains("status") && entered.at("status").at("enabled").get<bool>();
  }

  /// Runs the window. Under a policy that was ejected in it, a load that failed is part of the finding.
  void run_under(const json& request, Outcome& outcome, json& reply) {
    const Step step{request.at("params"), request.at("seed").get<std::uint64_t>(),
                    request.at("warmup_ns").get<std::uint64_t>(),
                    request.at("window_ns").get<std::uint64_t>()};
    std::string failure;
    try {
      workload_->run(step, outcome);
    } catch (const std::exception& error) {
      failure = error.what();
    }
    const bool is_watched = policy_.taken();
    if (is_watched) reply["policy"].update(policy_.look());
    if (failure.empty()) return;
    if (!is_watched || is_in_force(reply["policy"])) throw std::runtime_error(failure);
    reply["policy"]["failure"] = failure;
  }

  json describe(const json& request) {
    utsname name;
    uname(&name);
    return {{"release", name.release},
            {"version", name.version},
            {"machine", name.machine},
            {"cpus", online_cpus()},
            {"workload", name_},
            {"knobs", read_knobs(request.at("knobs"))},
            {"queues", queues_watched() ? "watched" : why_not()},
            {"latency", latency_watched() ? "watched" : why_no_latency()},
            {"btf", exists("/sys/kernel/btf/vmlinux")},
            {"sched_ext", exists("/sys/kernel/sched_ext/state")}};
  }

  bool live_ = false;
  std::string name_;
  std::unique_ptr<Workload> workload_;
  PolicyPlace policy_;
};

/// Everything a step can throw becomes a reply, so that the host always learns why.
json guarded(Guest& guest, Mailbox& mailbox, const std::string& request) {
  try {
    json reply = guest.serve(json::parse(request), mailbox);
    reply["ok"] = true;
    return reply;
  } catch (const std::exception& error) {
    return {{"ok", false}, {"error", error.what()}};
  }
}

/// One CPU alone at the snapshot: with others running, QEMU's turn order at the stop would be the host's. A
/// nap after it, so that a restored guest and one that was never stopped leave the same timer with the same
/// turns; turns are shortened last, because a nap with short ones costs the host ten times as much.
void pass_snapshot_point() {
  set_secondary_cpus(false);
  stop_for_snapshot();
  nap();
  set_secondary_cpus(true);
  nap();
  shorten_turns();
}

/// A guest without gates: the boot request has the step in it, and the host looks for the reply until it is
/// there, then ends the machine.
[[noreturn]] void serve_once(Guest& guest, Mailbox& mailbox, const json& boot) {
  json reply;
  try {
    guest.prepare(boot);
    nap();
    shorten_turns();
    mailbox.advance();
    reply = guarded(guest, mailbox, boot.at("step").dump());
  } catch (const std::exception& error) {
    reply = {{"ok", false}, {"error", error.what()}};
  }
  mailbox.reply(reply.dump());
  mailbox.finish();
  for (;;) pause();
}

[[noreturn]] void run() {
  mount_all();
  open_console();
  open_ports();
  run_first();
  Mailbox mailbox;
  Guest guest;
  const json boot = json::parse(mailbox.request());
  if (boot.contains("step")) serve_once(guest, mailbox, boot);
  json ready = {{"ok", true}};
  try {
    guest.prepare(boot);
  } catch (const std::exception& error) {
    ready = {{"ok", false}, {"error", error.what()}};
  }
  mailbox.reply(ready.dump());
  if (!guest.live()) pass_snapshot_point();
  for (std::uint64_t round = 1;; ++round) {
    if (guest.live())
      await_host(mailbox, round);
    else
      meet_host(mailbox);
    mailbox.reply(guarded(guest, mailbox, mailbox.request()).dump());
    mailbox.advance();
  }
}

}  // namespace
}  // namespace agent

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "host") return agent::run_on_host();
  try {
    agent::run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tunesmith-agent: %s\n", error.what());
    sync();
    reboot(RB_POWER_OFF);
  }
  return 1;
}
