#include "deadman/server.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <limits>
#include <utility>

#include "deadman/socket.h"

namespace deadman {
namespace {

constexpr std::uint64_t kMs = 1'000'000;

int catch_signals() {
  signal(SIGPIPE, SIG_IGN);
  signal(SIGINT, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  return signalfd(-1, &set, SFD_CLOEXEC);
}

std::uint64_t clock_ns(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

std::uint64_t awake_ns() {
  return clock_ns(CLOCK_MONOTONIC);
}

}  // namespace

std::uint64_t now_ns() {
  return clock_ns(CLOCK_BOOTTIME);
}

Server::Server(std::string dir, std::uint64_t lease_ns, int owner)
    : dir_(std::move(dir)),
      lease_ns_(lease_ns),
      lease_end_ns_(awake_ns() + lease_ns),
      owner_(owner),
      timer_(timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK)),
      signals_(catch_signals()),
      socket_name_(dir_ + "/" + std::to_string(getpid()) + ".sock") {
  listener_ = listen_at(dir_, std::to_string(getpid()) + ".sock");
}

Server::~Server() {
  if (listener_ >= 0) unlink(socket_name_.c_str());
}

int Server::run() {
  while (owner_ >= 0 || !kept_.empty()) {
    set_timer();
    std::vector<pollfd> watched = {
        {timer_, POLLIN, 0}, {signals_, POLLIN, 0}, {owner_, POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const int guest : guests_) watched.push_back({guest, POLLIN, 0});
    if (poll(watched.data(), watched.size(), lease_left_ms()) < 0 && errno != EINTR) {
      end_all("signal");
      return 1;
    }
    if (watched[0].revents != 0) {
      std::uint64_t rings = 0;
      if (read(timer_, &rings, sizeof rings) < 0 && errno != EAGAIN) return 1;
      rings_at_ns_ = 0;
    }
    expire();
    if (watched[1].revents != 0) {
      end_all("signal");
      return 0;
    }
    if (watched[2].revents != 0 && !serve(owner_)) {
      end_all("owner");
      close(std::exchange(owner_, -1));
    }
    for (std::size_t i = 4; i < watched.size(); ++i) {
      if (watched[i].revents == 0 || serve(watched[i].fd)) continue;
      close(watched[i].fd);
      std::erase(guests_, watched[i].fd);
    }
    if (watched[3].revents != 0)
      if (const int guest = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC); guest >= 0)
        guests_.push_back(guest);
  }
  return 0;
}

bool Server::serve(int fd) {
  auto packet = receive(fd);
  if (!packet) return false;
  if (fd == owner_) lease_end_ns_ = awake_ns() + lease_ns_;
  const std::string reply = answer(*packet, fd == owner_);
  // What others end, the owner is told of.
  const auto words = split(packet->text, '\t');
  if (fd != owner_ && words.size() > 1 && reply == "ok") ended_.push_back(words[1]);
  return send(fd, reply.data(), reply.size(), MSG_NOSIGNAL | MSG_DONTWAIT) >= 0 || fd == owner_;
}

std::string Server::answer(Packet& packet, bool is_owner) {
  const std::string& request = packet.text;
  const std::size_t head_end = std::min(request.find('\n'), request.size());
  const auto words = split(request.substr(0, head_end), '\t');
  const std::string& verb = words[0];
  if (verb == "renew" && is_owner) return renew();
  if (verb == "stage" && is_owner && words.size() == 3 && head_end < request.size())
    return stage(words[1], words[2], request.substr(head_end + 1), std::move(packet.links));
  if (verb == "commit" && (words.size() == 2 || (words.size() == 3 && words[2] == "force")))
    return commit(words[1], words.size() == 3);
  if (verb == "extend" && words.size() == 3) return extend(words[1], words[2]);
  if (verb == "revert" && words.size() == 3) return revert(words[1], words[2]);
  return "no\tunknown request";
}

std::string Server::stage(const std::string& id, const std::string& ttl, const std::string& items,
                          std::vector<tunesmith::Descriptor> links) {
  Failure failure;
  auto undo = Undo::create(dir_, id, items, failure);
  if (!undo) return std::string("no\t") + std::strerror(failure.error);
  undo->hold(std::move(links));
  // In the book before anything is written: nothing here forgets it.
  const std::uint64_t deadline = now_ns() + std::strtoull(ttl.c_str(), nullptr, 10) * kMs;
  const auto [at, added] = staged_.emplace(id, Staged{std::move(*undo), deadline});
  const std::string failed = at->second.undo.apply();
  if (failed.empty()) return "ok\t" + std::to_string(at->second.undo.late());
  staged_.erase(at);
  return "failed\t" + failed;
}

std::string Server::commit(const std::string& id, bool is_forced) {
  const auto found = staged_.find(id);
  if (found == staged_.end()) return "no\tnot staged here";
  errno = 0;
  const std::string differs = found->second.undo.commit(is_forced);
  if (!differs.empty())
    return differs[0] == '-' ? "no\t" + std::string(std::strerror(errno)) : "differs\t" + differs;
  if (found->second.undo.holds_links())
    kept_.insert(staged_.extract(found));
  else
    staged_.erase(found);
  return "ok";
}

std::string Server::extend(const std::string& id, const std::string& ttl) {
  const auto found = staged_.find(id);
  if (found == staged_.end()) return "no\tnot staged here";
  found->second.deadline_ns = now_ns() + std::strtoull(ttl.c_str(), nullptr, 10) * kMs;
  return "ok";
}

std::string Server::revert(const std::string& id, const std::string& reason) {
  for (auto* held : {&staged_, &kept_}) {
    const auto found = held->find(id);
    if (found == held->end()) continue;
    const bool done = found->second.undo.revert(reason);
    held->erase(found);
    return done ? "ok" : "stuck";
  }
  Failure failure;
  auto undo = Undo::open(dir_, id, failure);
  if (!undo) {
    if (failure.error == EBUSY) return "busy\t" + std::to_string(failure.holder);
    return std::string("no\t") + std::strerror(failure.error);
  }
  if (undo->state() == "reverted") return "ok";
  if (!undo->is_of_this_boot()) return "no\tthe boot is over";
  return undo->revert(reason) ? "ok" : "stuck";
}

std::string Server::renew() {
  std::string reply = "ok";
  for (const std::string& id : std::exchange(ended_, {})) reply += "\t" + id;
  return reply;
}

void Server::end(const std::string& id, const char* reason) {
  const auto found = staged_.find(id);
  found->second.undo.revert(reason);
  staged_.erase(found);
  ended_.push_back(id);
}

void Server::end_all(const char* reason) {
  while (!staged_.empty()) end(std::prev(staged_.end())->first, reason);
}

void Server::expire() {
  if (awake_ns() >= lease_end_ns_) end_all("lease");
  const std::uint64_t now = now_ns();
  std::vector<std::string> due;
  for (const auto& [id, staged] : staged_)
    if (now >= staged.deadline_ns) due.push_back(id);
  for (auto id = due.rbegin(); id != due.rend(); ++id) end(*id, "ttl");
}

int Server::lease_left_ms() const {
  if (staged_.empty()) return -1;
  const std::uint64_t now = awake_ns();
  // Rounded up: a poll(2) that ends early would only be made again.
  return now >= lease_end_ns_
             ? 0
             : static_cast<int>(std::min<std::uint64_t>((lease_end_ns_ - now) / kMs + 1, 1 << 30));
}

void Server::set_timer() {
  std::uint64_t next = std::numeric_limits<std::uint64_t>::max();
  for (const auto& [id, staged] : staged_) next = std::min(next, staged.deadline_ns);
  // An alarm that comes too soon does no harm: what is set already need not be set again for what is due
  // later.
  if (staged_.empty() || (rings_at_ns_ != 0 && rings_at_ns_ <= next)) return;
  rings_at_ns_ = next;
  itimerspec when{};
  when.it_value.tv_sec = static_cast<time_t>(next / 1'000'000'000);
  when.it_value.tv_nsec = static_cast<long>(next % 1'000'000'000);
  timerfd_settime(timer_, TFD_TIMER_ABSTIME, &when, nullptr);
}

}  // namespace deadman
