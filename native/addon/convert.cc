#include "addon/convert.h"

namespace tunesmith {

Napi::Object to_js(Napi::Env env, const Outcome& outcome) {
  Napi::Object result = Napi::Object::New(env);
  result["ok"] = Napi::Boolean::New(env, outcome.ok());
  result["errno"] = Napi::Number::New(env, outcome.error);
  result["code"] = Napi::String::New(env, outcome.ok() ? "" : errno_name(outcome.error));
  result["reason"] = Napi::String::New(env, outcome.reason);
  return result;
}

}  // namespace tunesmith
