#include "addon/border.h"

#include <cmath>

#include "core/policy.h"
#include "core/sampler.h"

namespace tunesmith {
namespace {

template <typename Known>
Napi::Error explained(Napi::Env env, const Known& error) {
  Napi::Error thrown = Napi::Error::New(env, error.what());
  thrown.Set("reason", Napi::String::New(env, error.code()));
  thrown.Set("errno", Napi::Number::New(env, error.error()));
  thrown.Set("hint", Napi::String::New(env, error.hint()));
  return thrown;
}

[[noreturn]] void bad_range(Napi::Env env, const std::string& what) {
  throw Napi::RangeError::New(env, what);
}

}  // namespace

void rethrow(Napi::Env env) {
  try {
    throw;
  } catch (const Napi::Error&) {
    throw;
  } catch (const PolicyError& error) {
    throw explained(env, error);
  } catch (const SamplerError& error) {
    throw explained(env, error);
  } catch (const std::exception& error) {
    throw Napi::Error::New(env, std::string("the native addon failed: ") + error.what());
  } catch (...) {
    throw Napi::Error::New(env, "the native addon failed");
  }
}

void bad_type(Napi::Env env, const char* name, const char* rule) {
  throw Napi::TypeError::New(env, std::string(name) + " " + rule);
}

std::int64_t whole(const Napi::Value& value, const char* name, std::int64_t low, std::int64_t high) {
  if (!value.IsNumber()) bad_type(value.Env(), name, "is no number");
  const double number = value.As<Napi::Number>().DoubleValue();
  if (!(number >= static_cast<double>(low) && number <= static_cast<double>(high)) ||
      number != std::trunc(number))
    bad_range(value.Env(), std::string(name) + " is no whole number from " + std::to_string(low) + " to " +
                               std::to_string(high));
  return static_cast<std::int64_t>(number);
}

std::int64_t whole(const Napi::CallbackInfo& info, std::size_t at, const char* name, std::int64_t low,
                   std::int64_t high) {
  return whole(info[at], name, low, high);
}

std::string text(const Napi::Value& value, const char* name, std::size_t longest) {
  if (!value.IsString()) bad_type(value.Env(), name, "is no string");
  std::size_t size = 0;
  // Asked first: a string of half a gigabyte is not copied to be refused.
  if (napi_get_value_string_utf8(value.Env(), value, nullptr, 0, &size) != napi_ok || size > longest)
    bad_range(value.Env(), std::string(name) + " is longer than " + std::to_string(longest) + " bytes");
  std::string out = value.As<Napi::String>();
  if (out.find('\0') != std::string::npos) bad_range(value.Env(), std::string(name) + " has a NUL in it");
  return out;
}

Napi::Array list(const Napi::Value& value, const char* name, std::uint32_t most) {
  if (!value.IsArray()) bad_type(value.Env(), name, "is no list");
  const auto array = value.As<Napi::Array>();
  if (array.Length() > most)
    bad_range(value.Env(), std::string(name) + " has more than " + std::to_string(most) + " items");
  return array;
}

Napi::Object object(const Napi::Value& value, const char* name) {
  if (!value.IsObject()) bad_type(value.Env(), name, "is no object");
  return value.As<Napi::Object>();
}

}  // namespace tunesmith
