// tunesmith-deadman: puts back what was staged when whoever staged it is gone.
//
//   tunesmith-deadman DIR LEASE_MS [TREE]     serves the process at the other end of descriptor 3 (server.h)
//   tunesmith-deadman --recover DIR    puts back what a dead deadman left staged
//   tunesmith-deadman --panic DIR      puts everything back, committed changes too; needs nothing else of
//   Tunesmith
//   tunesmith-deadman --places         the knobs that an undo list may name
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
  const std::string first = argc > 1 ? argv[1] : "";
  if (first == "--places" && argc == 2) return std::fputs(deadman::known_places().c_str(), stdout) < 0;
  // Experiments and tests have plain files in the place of knobs, below a directory that whoever starts us
  // names.
  if (argc == 4) deadman::allow_tree(argv[3]);
  const bool is_whole = argc == 3 || argc == 4;
  const std::string dir = is_whole ? (first[0] == '-' ? argv[2] : first) : "";
  deadman::keep_bases_in(dir);
  if (first == "--recover" && is_whole) return deadman::recover(dir);
  if (first == "--panic" && is_whole) return deadman::panic(dir);
  const unsigned long lease_ms = is_whole ? std::strtoul(argv[2], nullptr, 10) : 0;
  struct stat owner {};
  if (dir.empty() || dir[0] != '/' || lease_ms == 0 || fstat(kOwner, &owner) != 0 ||
      !S_ISSOCK(owner.st_mode)) {
    std::fputs("usage: tunesmith-deadman --panic DIR | --recover DIR | --places\n", stderr);
    return 2;
  }
  if (deadman::check_dir(dir) != 0) return 3;
  be_spared();
  if (chdir("/") != 0) return 1;
  return deadman::Server(dir, lease_ms * 1'000'000UL, kOwner).run();
}
