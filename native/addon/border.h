#pragma once
// The border between JavaScript and the core. What crosses it is checked here: arguments come from anybody
// who has the addon, and a C++ exception that leaves a callback ends the process.
#include <napi.h>

#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace tunesmith {

/// Throws what is being handled as an exception of JavaScript's, with reason, errno and hint where the core
/// gave them. To be called in a catch block.
[[noreturn]] void rethrow(Napi::Env env);

/// `Work` with every exception as one of JavaScript's: what is exported goes through this and nothing past
/// it.
template <auto Work>
auto bordered(const Napi::CallbackInfo& info) -> decltype(Work(info)) {
  try {
    return Work(info);
  } catch (...) {
    rethrow(info.Env());
  }
}

/// Adds a function to the exports.
template <auto Work>
void add_function(Napi::Env env, Napi::Object exports, const char* name) {
  exports[name] = Napi::Function::New<bordered<Work>>(env, name);
}

/// A whole number from `low` to `high`. @throws TypeError, RangeError naming it
std::int64_t whole(const Napi::Value& value, const char* name, std::int64_t low, std::int64_t high);
/// The same of an argument. Numbers are exact up to 2^53.
std::int64_t whole(const Napi::CallbackInfo& info, std::size_t at, const char* name, std::int64_t low,
                   std::int64_t high);
/// A string of at most `longest` bytes without NUL. @throws TypeError, RangeError naming it
std::string text(const Napi::Value& value, const char* name, std::size_t longest);
/// A list of at most `most` items. @throws TypeError, RangeError naming it
Napi::Array list(const Napi::Value& value, const char* name, std::uint32_t most);
/// @throws TypeError naming it
Napi::Object object(const Napi::Value& value, const char* name);

[[noreturn]] void bad_type(Napi::Env env, const char* name, const char* rule);

/// What a path, a name and a list are bounded by.
constexpr std::size_t kLongestPath = 4096;
constexpr std::int64_t kMostPid = 1 << 22;
constexpr std::int64_t kMostInt = 0x7fffffff;

/// What a handle on `T` is told by: specialized with `tag`, random and of this kind alone, and `name`.
template <typename T>
struct HandleKind;

/// A handle of JavaScript's on `T`: one of another kind, or of another addon, is refused.
template <typename T>
struct Handles {
  using Kind = HandleKind<T>;

  /// @param at_end ends a `T*`
  template <typename AtEnd>
  static Napi::External<T> make(Napi::Env env, std::unique_ptr<T> own, AtEnd at_end) {
    const auto made = Napi::External<T>::New(env, own.get(), at_end);
    own.release();
    made.TypeTag(&Kind::tag);
    return made;
  }

  static Napi::External<T> make(Napi::Env env, std::unique_ptr<T> own) {
    return make(env, std::move(own), [](Napi::Env, T* held) { delete held; });
  }

  static T& of(const Napi::Value& value) {
    if (!value.IsExternal()) bad_type(value.Env(), Kind::name, "is no handle");
    const auto handle = value.As<Napi::External<T>>();
    if (!handle.CheckTypeTag(&Kind::tag)) bad_type(value.Env(), Kind::name, "is a handle of another kind");
    return *handle.Data();
  }
};

}  // namespace tunesmith
