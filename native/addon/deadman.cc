#include "addon/deadman.h"

#include "addon/border.h"
#include "addon/convert.h"
#include "core/deadman.h"

namespace tunesmith {
namespace {

/// Waits of the deadman's and for it: never for ever (0), never longer than a day.
constexpr std::int64_t kLongestMs = 86'400'000;
constexpr std::size_t kLongestRequest = 4 << 20;
constexpr std::uint32_t kMostLinks = 64;
/// No link of ours is standard input or output (core/deadman.cc), so none of these is ever closed or written
/// to.
constexpr std::int64_t kLowestLink = 3;

unsigned ms(const Napi::CallbackInfo& info, std::size_t at, const char* name) {
  return static_cast<unsigned>(whole(info, at, name, 1, kLongestMs));
}

/// (program, dir, leaseMs, timeoutMs, tree) => Outcome & {fd, pid}
Napi::Value start(const Napi::CallbackInfo& info) {
  const DeadmanLink link =
      start_deadman(text(info[0], "program", kLongestPath), text(info[1], "dir", kLongestPath),
                    ms(info, 2, "leaseMs"), ms(info, 3, "timeoutMs"), text(info[4], "tree", kLongestPath));
  Napi::Object result = to_js(info.Env(), link.outcome);
  result["fd"] = Napi::Number::New(info.Env(), link.fd);
  result["pid"] = Napi::Number::New(info.Env(), link.pid);
  return result;
}

/// (dir, pid, timeoutMs) => Outcome & {fd}
Napi::Value connect(const Napi::CallbackInfo& info) {
  const auto pid = static_cast<pid_t>(whole(info, 1, "pid", 1, kMostPid));
  const DeadmanLink link = connect_deadman(text(info[0], "dir", kLongestPath), pid, ms(info, 2, "timeoutMs"));
  Napi::Object result = to_js(info.Env(), link.outcome);
  result["fd"] = Napi::Number::New(info.Env(), link.fd);
  return result;
}

/// (fd, request, links) => Outcome & {reply}
Napi::Value ask(const Napi::CallbackInfo& info) {
  const auto given = list(info[2], "links", kMostLinks);
  std::vector<int> links;
  for (std::uint32_t i = 0; i < given.Length(); ++i)
    links.push_back(static_cast<int>(whole(given.Get(i), "link", 0, kMostInt)));
  const auto fd = static_cast<int>(whole(info, 0, "fd", kLowestLink, kMostInt));
  const DeadmanReply got = ask_deadman(fd, text(info[1], "request", kLongestRequest), links);
  Napi::Object result = to_js(info.Env(), got.outcome);
  result["reply"] = Napi::String::New(info.Env(), got.text);
  return result;
}

/// () => CLOCK_BOOTTIME, ms
Napi::Value boot_ms(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(boot_ns()) / 1e6);
}

/// (fd, pid): closes the link (-1: none) and, unless pid is 0, waits until the deadman has put everything
/// back and ended.
void end(const Napi::CallbackInfo& info) {
  const bool none = info[0].IsNumber() && info[0].As<Napi::Number>().DoubleValue() == -1;
  const auto fd = none ? -1 : static_cast<int>(whole(info, 0, "fd", kLowestLink, kMostInt));
  end_deadman(fd, static_cast<pid_t>(whole(info, 1, "pid", 0, kMostPid)));
}

}  // namespace

void add_deadman(Napi::Env env, Napi::Object exports) {
  add_function<start>(env, exports, "startDeadman");
  add_function<connect>(env, exports, "connectDeadman");
  add_function<ask>(env, exports, "askDeadman");
  add_function<boot_ms>(env, exports, "bootMs");
  add_function<end>(env, exports, "endDeadman");
}

}  // namespace tunesmith
