#include "addon/sampler.h"

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "addon/border.h"
#include "addon/sampler_layout.h"
#include "core/sampler.h"

namespace tunesmith {

template <>
struct HandleKind<std::unique_ptr<Sampler>> {
  static constexpr napi_type_tag tag{0x5c1f93a7e2b84d06, 0x9e37b1d4406fa25c};
  static constexpr const char* name = "the sampler";
};

template <>
struct HandleKind<Snapshot> {
  static constexpr napi_type_tag tag{0x31d0a85f6be9427c, 0xa4c2760e19d85b3f};
  static constexpr const char* name = "the snapshot";
};

namespace {

/// Emptied by closeSampler; what was never closed ends with its handle, in a terminated worker too.
using Open = std::unique_ptr<Sampler>;

/// Outliers that are fetched at once, 100 bytes each.
constexpr std::int64_t kMostEvents = 1 << 20;

std::vector<std::uint32_t> numbers(const Napi::Value& value, const char* name, std::uint32_t most) {
  const auto array = list(value, name, most);
  std::vector<std::uint32_t> out;
  for (std::uint32_t i = 0; i < array.Length(); ++i)
    out.push_back(static_cast<std::uint32_t>(whole(array.Get(i), name, 0, kMostInt)));
  return out;
}

std::vector<Pmc> pmcs(const Napi::Value& value) {
  const auto array = list(value, "pmcs", 64);
  std::vector<Pmc> out;
  for (std::uint32_t i = 0; i < array.Length(); ++i) {
    const std::string name = text(array.Get(i), "pmcs", 64);
    for (auto pmc = Pmc::cycles; pmc <= Pmc::major_faults;
         pmc = static_cast<Pmc>(static_cast<std::uint32_t>(pmc) + 1))
      if (name == name_of(pmc)) out.push_back(pmc);
  }
  return out;
}

SamplerOptions options_from(const Napi::Object& given) {
  const auto number = [&](const char* name, std::int64_t most = kMostInt) {
    return static_cast<std::uint32_t>(whole(given.Get(name), name, 0, most));
  };
  const auto share = given.Get("budget");
  if (!share.IsNumber()) bad_type(given.Env(), "budget", "is no number");
  SamplerOptions out;
  out.by = static_cast<By>(number("by", 3));
  out.source = static_cast<Source>(number("source", 2));
  out.hierarchy = static_cast<Hierarchy>(number("hierarchy", 2));
  out.keys = number("keys");
  out.tasks = number("tasks");
  out.sample_every = number("sampleEvery");
  out.budget = share.As<Napi::Number>().DoubleValue();
  out.outlier_ns =
      static_cast<std::uint64_t>(whole(given.Get("outlierNs"), "outlierNs", 0, 1'000'000'000'000));
  out.ring_bytes = number("ringBytes");
  out.processes = numbers(given.Get("processes"), "processes", 1024);
  out.cpus = numbers(given.Get("cpus"), "cpus", 8192);
  out.cgroup = text(given.Get("cgroup"), "cgroup", kLongestPath);
  out.pmcs = pmcs(given.Get("pmcs"));
  return out;
}

/// (options) => sampler
Napi::Value open_sampler(const Napi::CallbackInfo& info) {
  const SamplerOptions options = options_from(object(info[0], "options"));
  return Handles<Open>::make(info.Env(), std::make_unique<Open>(std::make_unique<Sampler>(options)));
}

Sampler& sampler_of(const Napi::CallbackInfo& info) {
  const Open& open = Handles<Open>::of(info[0]);
  if (!open) throw Napi::Error::New(info.Env(), "the sampler is closed");
  return *open;
}

/// (sampler) => {source, hierarchy, keys, tasks, ringBytes, pmcs, pmcRefusal}
Napi::Value choices(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Sampler& sampler = sampler_of(info);
  const SamplerOptions& options = sampler.options();
  Napi::Object out = Napi::Object::New(env);
  out["source"] = Napi::Number::New(env, static_cast<double>(options.source));
  out["hierarchy"] = Napi::Number::New(env, static_cast<double>(options.hierarchy));
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
  const std::int64_t size = size_of(*own);
  Napi::Object out = Napi::Object::New(env);
  out["atNs"] = Napi::BigInt::New(env, own->at_ns);
  out["lastedNs"] = Napi::BigInt::New(env, own->lasted_ns);
  out["handle"] = Handles<Snapshot>::make(env, std::move(own), [size](Napi::Env at_end, Snapshot* held) {
    Napi::MemoryManagement::AdjustExternalMemory(at_end, -size);
    delete held;
  });
  Napi::MemoryManagement::AdjustExternalMemory(env, size);
  return out;
}

const Snapshot& snapshot_of(const Napi::Value& value) {
  return Handles<Snapshot>::of(value);
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
  const auto measure = static_cast<sampler_measure>(whole(info, 1, "measure", 0, SAMPLER_MEASURES - 1));
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
  Sampler& sampler = sampler_of(info);
  std::vector<sampler_event> taken(static_cast<std::size_t>(whole(info, 1, "room", 0, kMostEvents)));
  taken.resize(sampler.outliers(taken));
  return bytes_of(info.Env(), taken);
}

/// (sampler) => undefined; a second time does nothing
void close_sampler(const Napi::CallbackInfo& info) {
  Handles<Open>::of(info[0]).reset();
}

}  // namespace

void add_sampler(Napi::Env env, Napi::Object exports) {
  add_function<open_sampler>(env, exports, "openSampler");
  add_function<choices>(env, exports, "samplerChoices");
  add_function<take_snapshot>(env, exports, "takeSnapshot");
  add_function<take_outliers>(env, exports, "takeOutliers");
  add_function<close_sampler>(env, exports, "closeSampler");
  add_function<delta>(env, exports, "snapshotDelta");
  add_function<buffers>(env, exports, "snapshotBuffers");
  add_function<overall>(env, exports, "snapshotOverall");
  exports["samplerLayout"] = sampler_layout(env);
}

}  // namespace tunesmith
