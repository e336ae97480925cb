// pgbench's TPC-B-like transactions against a real PostgreSQL over a UNIX socket. Latencies come from
// pgbench's own transaction log, so percentiles are exact.
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>

#include "postgres.h"
#include "sys.h"
#include "workload.h"

namespace agent {
namespace {

constexpr std::uint64_t kStopLimitNs = 30'000'000'000;
constexpr const char* kOutput = "/tmp/pgbench.out";

/// pgbench's built-in scripts by the `script` parameter.
constexpr std::array<const char*, 3> kScripts = {"tpcb-like", "simple-update", "select-only"};

/// CLOCK_REALTIME minus CLOCK_MONOTONIC, ns: pgbench's log is in the former, windows are in the latter.
std::int64_t epoch_shift_ns() {
  timespec real;
  clock_gettime(CLOCK_REALTIME, &real);
  return static_cast<std::int64_t>(real.tv_sec) * 1'000'000'000 + real.tv_nsec -
         static_cast<std::int64_t>(now_ns());
}

struct Log {
  Samples latency, lag;
  std::map<int, double> per_client;
  std::uint64_t failed = 0;
};

// One line a transaction: client, number, latency in us (or "failed"), script, end in s and us since the
// epoch, and with a rate the schedule lag in us. Counted when it began and ended inside the window.
void read_log(const std::string& path, const Window& window, std::int64_t shift, Log& log) {
  std::istringstream lines(read_file(path));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    int client = 0, script = 0;
    std::uint64_t number = 0, seconds = 0, micros = 0, lag = 0;
    std::string latency;
    if (!(fields >> client >> number >> latency >> script >> seconds >> micros)) continue;
    const std::uint64_t end = (seconds * 1'000'000 + micros) * 1000 - static_cast<std::uint64_t>(shift);
    if (end > window.closed_at_ns()) continue;
    if (latency == "failed") {
      log.failed += end >= window.opened_at_ns();
      continue;
    }
    const std::uint64_t took = std::stoull(latency) * 1000;
    if (end < window.opened_at_ns() + took) continue;
    log.latency.add(took);
    log.per_client[client] += 1;
    if (fields >> lag) log.lag.add(lag * 1000);
  }
}

class Pgbench : public Workload {
 public:
  void prepare(const json& params) override {
    server_ = start_postgres();
    const Step warm{params, 1, 0, 500'000'000};
    Outcome ignored;
    run(warm, ignored);
  }

  void run(const Step& step, Outcome& outcome) override {
    const std::int64_t shift = epoch_shift_ns();
    Process client({arguments(step), kOutput, "/tmp", kPostgresUid});
    const std::string log_prefix = "txn." + std::to_string(client.pid());
    Window window(step);
    window.open();
    window.close();
    if (!client.running()) throw std::runtime_error("pgbench ended early: " + tail_of(kOutput));
    client.signal(
        SIGALRM);  // what its own -T timer sends: it ends after the running transactions and writes its log
    if (const int status = client.wait(kStopLimitNs); status != 0)
      throw std::runtime_error("pgbench: exit status " + std::to_string(status) + ": " + tail_of(kOutput));
    report(collect(log_prefix, window, shift), window, outcome);
  }

 private:
  static std::vector<std::string> arguments(const Step& step) {
    std::vector<std::string> argv = {postgres_program("pgbench"),
                                     "-h",
                                     kPostgresSocket,
                                     "-U",
                                     "postgres",
                                     "-n",
                                     "-l",
                                     "--log-prefix=/tmp/txn",
                                     "--random-seed=" + std::to_string(step.seed),
                                     "-c",
                                     std::to_string(step.param("clients")),
                                     "-j",
                                     std::to_string(step.param("threads")),
                                     "-T",
                                     "86400"};
    argv.push_back("-b");
    argv.push_back(kScripts.at(step.param("script")));
    if (const std::uint64_t rate = step.param("rate_per_s"); rate > 0) {
      argv.push_back("-R");
      argv.push_back(std::to_string(rate));
    }
    argv.push_back("postgres");
    return argv;
  }

  static Log collect(const std::string& prefix, const Window& window, std::int64_t shift) {
    Log log;
    for (const std::string& name : list_dir("/tmp")) {
      if (!name.starts_with(prefix)) continue;
      read_log("/tmp/" + name, window, shift, log);
      unlink(("/tmp/" + name).c_str());
    }
    return log;
  }

  static void report(Log log, const Window& window, Outcome& outcome) {
    std::vector<double> shares;
    for (const auto& [client, count] : log.per_client) shares.push_back(count);
    outcome.metrics["throughput_per_s"] =
        static_cast<double>(log.latency.size()) * 1e9 / static_cast<double>(window.measured_ns());
    outcome.metrics["errors"] = log.failed;
    if (!shares.empty()) outcome.metrics["fairness_jain"] = jain(shares);
    log.latency.report("txn", outcome.metrics, outcome.distributions);
    if (log.lag.size() > 0) log.lag.report("lag", outcome.metrics, outcome.distributions);
    window.report(outcome);
  }

  std::unique_ptr<Process> server_;
};

/// Not a load: makes the database that pgbench's image carries (src/lab/database.ts).
class Bake : public Workload {
 public:
  void prepare(const json& params) override { make_database(params.at("scale").get<std::uint64_t>()); }
  void run(const Step&, Outcome&) override { throw std::logic_error("pgbench-bake measures nothing"); }
};

}  // namespace

std::unique_ptr<Workload> make_pgbench() {
  return std::make_unique<Pgbench>();
}
std::unique_ptr<Workload> make_pgbench_bake() {
  return std::make_unique<Bake>();
}

}  // namespace agent
