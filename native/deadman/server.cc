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

std::vector<std::string> split(const std::string& text, char by) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(by, at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

}  // namespace

std::uint64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

Server::Server(std::string dir, std::uint64_t lease_ns, int owner)
    : dir_(std::move(dir)),
      lease_ns_(lease_ns),
      lease_end_ns_(now_ns() + lease_ns),
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
    if (poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) {
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
  if (verb == "commit" && words.size() == 2) return commit(words[1]);
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
  if (failed.empty()) return "ok";
  staged_.erase(at);
  return "failed\t" + failed;
}

std::string Server::commit(const std::string& id) {
  const auto found = staged_.find(id);
  if (found == staged_.end()) return "no\tnot staged here";
  if (!found->second.undo.commit()) return std::string("no\t") + std::strerror(errno);
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
  lease_end_ns_ = now_ns() + lease_ns_;
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
  const std::uint64_t now = now_ns();
  if (now >= lease_end_ns_) end_all("lease");
  std::vector<std::string> due;
  for (const auto& [id, staged] : staged_)
    if (now >= staged.deadline_ns) due.push_back(id);
  for (const std::string& id : due) end(id, "ttl");
}

void Server::set_timer() {
  std::uint64_t next = staged_.empty() ? 0 : lease_end_ns_;
  for (const auto& [id, staged] : staged_) next = std::min(next, staged.deadline_ns);
  // An alarm that comes too soon does no harm: what is set already need not be set again for what is due later.
  if (next == 0 || (rings_at_ns_ != 0 && rings_at_ns_ <= next)) return;
  rings_at_ns_ = next;
  itimerspec when{};
  when.it_value.tv_sec = static_cast<time_t>(next / 1'000'000'000);
  when.it_value.tv_nsec = static_cast<long>(next % 1'000'000'000);
  timerfd_settime(timer_, TFD_TIMER_ABSTIME, &when, nullptr);
}

}  // namespace deadman
