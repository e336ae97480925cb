// tunesmith-deadman: puts back what was staged when whoever staged it is gone.
//
//   tunesmith-deadman DIR LEASE_MS     serves the process at the other end of descriptor 3 (server.h)
//   tunesmith-deadman --recover DIR    puts back what a dead deadman left staged
//   tunesmith-deadman --panic DIR      puts everything back, committed changes too; needs nothing else of
//   Tunesmith
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "deadman/server.h"
#include "deadman/sweep.h"

namespace {

constexpr int kOwner = 3;

/// The last thing to be killed when memory runs out; only root may say so.
void be_spared() {
  const int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  if (write(file, "-1000", 5) < 0) { /* then like everybody else */
  }
  close(file);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string first = argc == 3 ? argv[1] : "";
  if (first == "--recover") return deadman::recover(argv[2]);
  if (first == "--panic") return deadman::panic(argv[2]);
  const unsigned long lease_ms = argc == 3 ? std::strtoul(argv[2], nullptr, 10) : 0;
  struct stat owner {};
  if (first.empty() || first[0] != '/' || lease_ms == 0 || fstat(kOwner, &owner) != 0 ||
      !S_ISSOCK(owner.st_mode)) {
    std::fputs("usage: tunesmith-deadman --panic DIR | --recover DIR\n", stderr);
    return 2;
  }
  be_spared();
  if (chdir("/") != 0) return 1;
  return deadman::Server(first, lease_ms * 1'000'000UL, kOwner).run();
}
