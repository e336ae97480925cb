// tunesmith-confine: runs a program that reads what strangers wrote (clang, bpftool, QEMU) with a view of
// named files only and without any right it does not need. The program takes this process's place, so its
// number, its parent and its end are its own.
//
//   tunesmith-confine [OPTION...] -- PROGRAM ARGUMENT...
//   tunesmith-confine --probe [--without LAYER]     prints the layers that this machine gives, one a line
//
//   --read PATH       a file or tree to be read; one that does not exist is passed over
//   --write FILE      an existing file to be read and written
//   --fd-read N, --fd-write N   an inherited descriptor that the program opens again as /proc/self/fd/N
//   --keep N          descriptors above N are closed (2)
//   --cpu S, --wall S, --memory BYTES, --output BYTES, --tasks N   limits; wall-clock time ends it by SIGALRM
//   --batch           runs as SCHED_BATCH
//   --bare            goes on where the machine gives neither namespaces nor Landlock: for sources that are
//   trusted
//   --without LAYER   does as if this machine had no `namespace` or `landlock`: for tests
//
// Exit code 125: the confinement cannot be had, or a wrong argument; 127: the program cannot be started.
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "confine/rights.h"
#include "confine/view.h"

extern char** environ;

namespace {

using confine::Plan;

[[noreturn]] void refuse(const std::string& what) {
  std::fprintf(stderr, "tunesmith-confine: %s\n", what.c_str());
  std::exit(125);
}

unsigned long number(const char* option, const char* text) {
  char* end = nullptr;
  errno = 0;
  const unsigned long value = std::strtoul(text, &end, 10);
  if (errno != 0 || end == text || *end != '\0' || *text == '-')
    refuse(std::string(option) + ": " + text + " is no whole number");
  return value;
}

/// Whether the option is known; its value is taken from `text`.
bool take(Plan& plan, const std::string& option, const char* text) {
  const auto value = [&] { return number(option.c_str(), text); };
  if (option == "--read")
    plan.read.emplace_back(text);
  else if (option == "--write")
    plan.write.emplace_back(text);
  else if (option == "--fd-read")
    plan.read_fds.push_back(static_cast<int>(value()));
  else if (option == "--fd-write")
    plan.write_fds.push_back(static_cast<int>(value()));
  else if (option == "--keep")
    plan.keep = static_cast<unsigned>(value());
  else if (option == "--cpu")
    plan.cpu_s = value();
  else if (option == "--wall")
    plan.wall_s = static_cast<unsigned>(value());
  else if (option == "--memory")
    plan.memory = value();
  else if (option == "--output")
    plan.output = value();
  else if (option == "--tasks")
    plan.tasks = value();
  else if (option == "--without" && std::string(text) == "namespace")
    plan.no_namespace = true;
  else if (option == "--without" && std::string(text) == "landlock")
    plan.no_landlock = true;
  else
    return false;
  return true;
}

/// The arguments up to `--`; returns where the program begins, 0 without one.
int parse(int argc, char** argv, Plan& plan) {
  for (int at = 1; at < argc; ++at) {
    const std::string option = argv[at];
    if (option == "--") return at + 1 < argc ? at + 1 : 0;
    if (option == "--batch")
      plan.batch = true;
    else if (option == "--bare")
      plan.bare = true;
    else if (option == "--probe")
      plan.probe = true;
    else if (at + 1 >= argc || !take(plan, option, argv[++at]))
      refuse("unknown option " + option);
  }
  return 0;
}

/// From here on this process has what the plan leaves it. Returns the layers in force.
confine::Layers confine_this(const Plan& plan) {
  confine::Layers layers;
  layers.namespaces = !plan.no_namespace && confine::enter_view(plan);
  layers.uid = confine::drop_identity(plan, layers.namespaces);
  confine::set_limits(plan, layers.uid);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) refuse("no_new_privs cannot be set");
  layers.landlock = plan.no_landlock ? 0 : confine::restrict_files(plan);
  layers.calls = confine::filter_calls();
  return layers;
}

/// What this machine gives, tried in a child.
int probe(const Plan& plan) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child < 0) return 125;
  if (child == 0) {
    const confine::Layers layers = confine_this(plan);
    std::string text;
    if (layers.namespaces) text += "namespace\n";
    if (layers.landlock > 0) text += "landlock " + std::to_string(layers.landlock) + "\n";
    if (layers.uid) text += "uid\n";
    if (layers.calls) text += "seccomp\n";
    if (write(STDOUT_FILENO, text.data(), text.size()) < 0) _exit(125);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
}

}  // namespace

int main(int argc, char** argv) {
  const pid_t parent = getppid();
  // At once, and again below: a change of identity forgets it.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  Plan plan;
  const int program = parse(argc, argv, plan);
  if (plan.probe) return probe(plan);
  if (program == 0) refuse("usage: tunesmith-confine [OPTION...] -- PROGRAM ARGUMENT...");
  plan.read.emplace_back(argv[program]);
  if (plan.batch) {
    const sched_param none{};
    sched_setscheduler(0, SCHED_BATCH, &none);
  }
  const confine::Layers layers = confine_this(plan);
  if (!layers.namespaces && layers.landlock == 0 && !plan.bare)
    refuse("this machine gives neither namespaces nor Landlock");
  if (!layers.calls && !plan.bare) refuse("this machine gives no seccomp filters");
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) return 125;
  execve(argv[program], argv + program, environ);
  std::fprintf(stderr, "tunesmith-confine: %s: %s\n", argv[program], std::strerror(errno));
  return 127;
}
