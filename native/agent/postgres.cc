#include "postgres.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <stdexcept>

#include "sys.h"

namespace agent {

constexpr std::uint64_t kLimitNs = 300'000'000'000;
constexpr const char* kServerLog = "/tmp/postgres.log";

std::string postgres_program(const std::string& name) {
  const std::string root = "/usr/lib/postgresql/";
  return root + list_dir(root).at(0) + "/bin/" + name;
}

static Command as_postgres(std::vector<std::string> argv, const std::string& output) {
  return {std::move(argv), output, "/tmp", kPostgresUid};
}

static void make_place(const char* path, mode_t mode) {
  mkdir(path, mode);
  if (chown(path, kPostgresUid, kPostgresUid) != 0 || chmod(path, mode) != 0) fail("make", path);
}

// Defaults of the release but for what a guest of a few hundred MiB without network needs: no TCP, a small
// buffer pool, no just-in-time compiler (its libraries are not in the image).
std::unique_ptr<Process> start_postgres() {
  make_place(kPostgresSocket, 0755);
  auto server = std::make_unique<Process>(as_postgres(
      {postgres_program("postgres"), "-D", kPostgresData, "-c", "listen_addresses=", "-c",
       std::string("unix_socket_directories=") + kPostgresSocket, "-c", "shared_buffers=48MB", "-c",
       "max_connections=64", "-c", "jit=off", "-c", "huge_pages=off", "-c", "max_wal_size=16MB"},
      kServerLog));
  const std::string pid_file = std::string(kPostgresData) + "/postmaster.pid";
  for (const std::uint64_t deadline = now_ns() + kLimitNs; now_ns() < deadline;) {
    if (!server->running()) throw std::runtime_error("postgres did not start: " + tail_of(kServerLog));
    if (exists(pid_file) && read_file(pid_file).find("\nready") != std::string::npos) return server;
    sleep_until_ns(now_ns() + 5000000);
  }
  throw std::runtime_error("postgres was not ready in time: " + tail_of(kServerLog));
}

void make_database(std::uint64_t scale) {
  make_place(kPostgresData, 0700);
  run_to_end(as_postgres({postgres_program("initdb"), "-D", kPostgresData, "-U", "postgres", "-A", "trust",
                          "--locale=C", "--encoding=UTF8", "--wal-segsize=1", "--no-sync"},
                         "/tmp/initdb.out"),
             kLimitNs);
  const std::unique_ptr<Process> server = start_postgres();
  run_to_end(as_postgres({postgres_program("pgbench"), "-h", kPostgresSocket, "-U", "postgres", "-i", "-q",
                          "-s", std::to_string(scale), "postgres"},
                         "/tmp/pgbench-init.out"),
             kLimitNs);
  server->signal(
      SIGINT);  // PostgreSQL's "fast shutdown": with a checkpoint, so that a start has nothing to redo
  if (const int status = server->wait(kLimitNs); status != 0)
    throw std::runtime_error("postgres did not stop cleanly: " + tail_of(kServerLog));
}

}  // namespace agent
