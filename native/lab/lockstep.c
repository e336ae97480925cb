// Preloaded into the QEMU of an exact guest, so that nothing of what the host does, and when, reaches the
// guest. Two things of a stock QEMU's -icount did, now and then, on a busy host:
//
// The wall clock. The software TLB shrinks when few of its entries were used within 100 ms of the host's time
// (accel/tcg/cputlb.c), and the guest notices: an entry that was dropped is looked up again and sets the
// page's accessed bit; one that was kept lets a page that was made writable meanwhile fault once more. Here
// the clock stands still, so no entry is dropped for its age. Timers and the RTC of an exact guest are on the
// virtual clock.
//
// The main loop. It is woken at each timer of the virtual clock although the CPUs' thread runs those itself.
// If it comes at the moment when one CPU has halted and the next has not been looked at yet, it takes the
// machine for idle, skips ahead to the next timer, and the round of turns breaks off there. Here it sleeps on
// unless the CPUs' thread is really waiting, or something other than that thread has woken it: a command, a
// signal.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <unistd.h>

enum { kMostFds = 64, kMostEvents = 1024 };

/// A guest that asks to be ended while another of its CPUs spins is heard after this long.
static const struct timespec kPatience = {.tv_sec = 10};

static int (*real_ppoll)(struct pollfd*, nfds_t, const struct timespec*, const sigset_t*);
static int (*real_wait)(pthread_cond_t*, pthread_mutex_t*);
static int (*real_broadcast)(pthread_cond_t*);
static int (*real_eventfd)(unsigned, int);
static ssize_t (*real_write)(int, const void*, size_t);

static atomic_bool is_event[kMostEvents];
static int bell = -1;  // rung to wake a main loop that was sent back to sleep
static _Atomic(pthread_mutex_t*) big_lock =
    NULL;  // QEMU's: its main thread waits with it for the CPUs' thread to start
static _Atomic(pthread_cond_t*) halted =
    NULL;  // what the CPUs' thread waits on when no CPU has anything to do
static atomic_bool is_waiting = false, is_asleep = false, is_called = false;
static _Thread_local bool runs_cpus = false;

/// The version that programs of today are linked against; dlsym may find an older one, of another layout.
static void* next(const char* name, const char* version) {
  void* found = dlvsym(RTLD_NEXT, name, version);
  return found != NULL ? found : dlsym(RTLD_NEXT, name);
}

#if defined(__x86_64__)
static const char kConditions[] = "GLIBC_2.3.2";
#else
static const char kConditions[] = "GLIBC_2.17";
#endif

__attribute__((constructor)) static void begin(void) {
  real_ppoll = dlsym(RTLD_NEXT, "ppoll");
  real_wait = next("pthread_cond_wait", kConditions);
  real_broadcast = next("pthread_cond_broadcast", kConditions);
  real_eventfd = dlsym(RTLD_NEXT, "eventfd");
  real_write = dlsym(RTLD_NEXT, "write");
  bell = real_eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

static bool is_main(void) {
  static _Thread_local int known = 0;
  if (known == 0) known = gettid() == getpid() ? 1 : -1;
  return known == 1;
}

static bool is_event_fd(int fd) { return fd >= 0 && fd < kMostEvents && atomic_load(&is_event[fd]); }

static void ring(void) {
  const uint64_t one = 1;
  if (atomic_load(&is_asleep) && real_write(bell, &one, sizeof one) < 0) return;  // full: it rings already
}

int gettimeofday(struct timeval* restrict now, void* restrict zone) {
  (void)zone;
  now->tv_sec = 1767225600;  // 2026-01-01, the day of the guest's RTC
  now->tv_usec = 0;
  return 0;
}

int eventfd(unsigned initial, int flags) {
  const int fd = real_eventfd(initial, flags);
  if (fd >= 0 && fd < kMostEvents) atomic_store(&is_event[fd], true);
  return fd;
}

/// Who else than the CPUs' thread sets an event for the main loop means it.
ssize_t write(int fd, const void* data, size_t size) {
  const ssize_t done = real_write(fd, data, size);
  if (is_event_fd(fd) && !runs_cpus && !is_main()) {
    atomic_store(&is_called, true);
    ring();
  }
  return done;
}

int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  if (is_main()) atomic_store(&big_lock, mutex);
  if (is_main() || mutex != atomic_load(&big_lock)) return real_wait(condition, mutex);
  runs_cpus = true;
  atomic_store(&halted, condition);
  atomic_store(&is_waiting, true);
  ring();
  const int result = real_wait(condition, mutex);
  atomic_store(&is_waiting, false);
  return result;
}

/// From here on the CPUs' thread is under way, though it may have to wait for the lock.
int pthread_cond_broadcast(pthread_cond_t* condition) {
  if (condition == atomic_load(&halted)) atomic_store(&is_waiting, false);
  return real_broadcast(condition);
}

static bool only_events(const struct pollfd* fds, nfds_t count) {
  for (nfds_t i = 0; i < count; i++)
    if (fds[i].revents != 0 && !is_event_fd(fds[i].fd)) return false;
  return true;
}

/// Until the CPUs' thread waits, somebody else calls, or one of the other descriptors is ready.
static void sleep_on(const struct pollfd* fds, nfds_t count, const sigset_t* mask) {
  struct pollfd others[kMostFds + 1];
  memcpy(others, fds, count * sizeof *fds);
  for (nfds_t i = 0; i < count; i++)
    if (is_event_fd(fds[i].fd)) others[i].fd = -1;
  others[count] = (struct pollfd){.fd = bell, .events = POLLIN};
  atomic_store(&is_asleep, true);
  if (!atomic_load(&is_waiting) && !atomic_load(&is_called)) real_ppoll(others, count + 1, &kPatience, mask);
  atomic_store(&is_asleep, false);
  uint64_t rings;
  if (read(bell, &rings, sizeof rings) < 0) return;  // not rung
}

int ppoll(struct pollfd* fds, nfds_t count, const struct timespec* timeout, const sigset_t* mask) {
  const int ready = real_ppoll(fds, count, timeout, mask);
  const bool at_once = timeout != NULL && timeout->tv_sec == 0 && timeout->tv_nsec == 0;
  if (ready <= 0 || at_once || count > kMostFds || !is_main() || atomic_load(&halted) == NULL) return ready;
  if (!only_events(fds, count) || atomic_load(&is_waiting) || atomic_exchange(&is_called, false)) return ready;
  sleep_on(fds, count, mask);
  atomic_store(&is_called, false);
  static const struct timespec kNow = {0};
  return real_ppoll(fds, count, &kNow, mask);
}
