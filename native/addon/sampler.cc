#include "addon/sampler.h"

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "addon/sampler_layout.h"
#include "core/sampler.h"

namespace tunesmith {
namespace {

/// Emptied by closeSampler; what was never closed ends with its handle, in a terminated worker too.
using Open = std::unique_ptr<Sampler>;

[[noreturn]] void rethrow(Napi::Env env, const SamplerError& error) {
  Napi::Error thrown = Napi::Error::New(env, error.what());
  thrown.Set("reason", Napi::String::New(env, error.code()));
  thrown.Set("errno", Napi::Number::New(env, error.error()));
  thrown.Set("hint", Napi::String::New(env, error.hint()));
  throw thrown;
}

std::vector<std::uint32_t> numbers(const Napi::Value& value) {
  const auto array = value.As<Napi::Array>();
  std::vector<std::uint32_t> out;
  for (std::uint32_t i = 0; i < array.Length(); ++i)
    out.push_back(array.Get(i).As<Napi::Number>().Uint32Value());
  return out;
}

std::vector<Pmc> pmcs(const Napi::Value& value) {
  const auto array = value.As<Napi::Array>();
  std::vector<Pmc> out;
  for (std::uint32_t i = 0; i < array.Length(); ++i) {
    const std::string name = array.Get(i).As<Napi::String>();
    for (auto pmc = Pmc::cycles; pmc <= Pmc::major_faults;
         pmc = static_cast<Pmc>(static_cast<std::uint32_t>(pmc) + 1))
      if (name == name_of(pmc)) out.push_back(pmc);
  }
  return out;
}

SamplerOptions options_from(const Napi::Object& given) {
  const auto number = [&](const char* name) { return given.Get(name).As<Napi::Number>(); };
  SamplerOptions out;
  out.by = static_cast<By>(number("by").Uint32Value());
  out.source = static_cast<Source>(number("source").Uint32Value());
  out.keys = number("keys").Uint32Value();
  out.tasks = number("tasks").Uint32Value();
  out.sample_every = number("sampleEvery").Uint32Value();
  out.budget = number("budget").DoubleValue();
  out.outlier_ns = static_cast<std::uint64_t>(number("outlierNs").Int64Value());
  out.ring_bytes = number("ringBytes").Uint32Value();
  out.processes = numbers(given.Get("processes"));
  out.cpus = numbers(given.Get("cpus"));
  out.cgroup = given.Get("cgroup").As<Napi::String>();
  out.pmcs = pmcs(given.Get("pmcs"));
  return out;
}

/// (options) => sampler
Napi::Value open_sampler(const Napi::CallbackInfo& info) {
  try {
    auto open = std::make_unique<Open>(std::make_unique<Sampler>(options_from(info[0].As<Napi::Object>())));
    return Napi::External<Open>::New(info.Env(), open.release(), [](Napi::Env, Open* own) { delete own; });
  } catch (const SamplerError& error) {
    rethrow(info.Env(), error);
  }
}

Sampler& sampler_of(const Napi::CallbackInfo& info) {
  const Open& open = *info[0].As<Napi::External<Open>>().Data();
  if (!open) throw Napi::Error::New(info.Env(), "the sampler is closed");
  return *open;
}

/// (sampler) => {source, keys, tasks, ringBytes, pmcs, pmcRefusal}
Napi::Value choices(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Sampler& sampler = sampler_of(info);
  const SamplerOptions& options = sampler.options();
  Napi::Object out = Napi::Object::New(env);
  out["source"] = Napi::Number::New(env, static_cast<double>(options.source));
  out["keys"] = Napi::Number::New(env, options.keys);
  out["tasks"] = Napi::Number::New(env, options.tasks);
  out["ringBytes"] = Napi::Number::New(env, options.ring_bytes);
  Napi::Array names = Napi::Array::New(env);
  for (const Pmc pmc : sampler.pmcs()) names[names.Length()] = Napi::String::New(env, name_of(pmc));
  out["pmcs"] = names;
  out["pmcRefusal"] = Napi::String::New(env, sampler.pmc_refusal());
  return out;
}

std::int64_t size_of(const Snapshot& taken) {
  return static_cast<std::int64_t>(taken.cpus.capacity() * sizeof(sampler_cpu) +
                                   taken.keys.capacity() * sizeof(SampledKey) + taken.cells.capacity() * 4);
}

/// {handle, atNs, lastedNs}. The collector is told what hangs on the handle, or it would let them pile up.
Napi::Value to_js(Napi::Env env, Snapshot&& taken) {
  auto own = std::make_unique<Snapshot>(std::move(taken));
  Napi::MemoryManagement::AdjustExternalMemory(env, size_of(*own));
  Napi::Object out = Napi::Object::New(env);
  out["atNs"] = Napi::BigInt::New(env, own->at_ns);
  out["lastedNs"] = Napi::BigInt::New(env, own->lasted_ns);
  out["handle"] = Napi::External<Snapshot>::New(env, own.release(), [](Napi::Env at_end, Snapshot* held) {
    Napi::MemoryManagement::AdjustExternalMemory(at_end, -size_of(*held));
    delete held;
  });
  return out;
}

const Snapshot& snapshot_of(const Napi::Value& value) {
  return *value.As<Napi::External<Snapshot>>().Data();
}

/// (sampler) => snapshot
Napi::Value take_snapshot(const Napi::CallbackInfo& info) {
  return to_js(info.Env(), sampler_of(info).snapshot());
}

/// (now, before) => snapshot of what came in between
Napi::Value delta(const Napi::CallbackInfo& info) {
  return to_js(info.Env(), difference(snapshot_of(info[0]), snapshot_of(info[1])));
}

template <typename T>
Napi::ArrayBuffer bytes_of(Napi::Env env, const std::vector<T>& values) {
  Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(env, values.size() * sizeof(T));
  if (!values.empty()) std::memcpy(buffer.Data(), values.data(), buffer.ByteLength());
  return buffer;
}

/// (snapshot) => {cpus, keys, cells}, ArrayBuffers
Napi::Value buffers(const Napi::CallbackInfo& info) {
  const Snapshot& taken = snapshot_of(info[0]);
  Napi::Object out = Napi::Object::New(info.Env());
  out["cpus"] = bytes_of(info.Env(), taken.cpus);
  out["keys"] = bytes_of(info.Env(), taken.keys);
  out["cells"] = bytes_of(info.Env(), taken.cells);
  return out;
}

/// (snapshot, measure) => {counts: Float64Array, sumNs, maxNs}
Napi::Value overall(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto measure = static_cast<sampler_measure>(info[1].As<Napi::Number>().Uint32Value());
  const Histogram all = snapshot_of(info[0]).overall(measure);
  Napi::Float64Array counts = Napi::Float64Array::New(env, all.cells.size());
  for (std::size_t i = 0; i < all.cells.size(); ++i) counts[i] = static_cast<double>(all.cells[i]);
  Napi::Object out = Napi::Object::New(env);
  out["counts"] = counts;
  out["sumNs"] = Napi::BigInt::New(env, all.sum);
  out["maxNs"] = Napi::BigInt::New(env, all.max);
  return out;
}

/// (sampler, room) => ArrayBuffer of the outliers that wait, at most `room`
Napi::Value take_outliers(const Napi::CallbackInfo& info) {
  std::vector<sampler_event> taken(info[1].As<Napi::Number>().Uint32Value());
  taken.resize(sampler_of(info).outliers(taken));
  return bytes_of(info.Env(), taken);
}

/// (sampler) => undefined; a second time does nothing
void close_sampler(const Napi::CallbackInfo& info) {
  info[0].As<Napi::External<Open>>().Data()->reset();
}

}  // namespace

void add_sampler(Napi::Env env, Napi::Object exports) {
  exports["openSampler"] = Napi::Function::New<open_sampler>(env);
  exports["samplerChoices"] = Napi::Function::New<choices>(env);
  exports["takeSnapshot"] = Napi::Function::New<take_snapshot>(env);
  exports["takeOutliers"] = Napi::Function::New<take_outliers>(env);
  exports["closeSampler"] = Napi::Function::New<close_sampler>(env);
  exports["snapshotDelta"] = Napi::Function::New<delta>(env);
  exports["snapshotBuffers"] = Napi::Function::New<buffers>(env);
  exports["snapshotOverall"] = Napi::Function::New<overall>(env);
  exports["samplerLayout"] = sampler_layout(env);
}

}  // namespace tunesmith
