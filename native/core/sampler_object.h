#pragma once
// bpf/sampler.bpf.c as an object to load. C, because what bpftool generates is no C++.
#include <stddef.h>

#include "../../bpf/sampler.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sampler_object;

enum sampler_map {
  SAMPLER_CPUS,
  SAMPLER_TASKS,
  SAMPLER_ROWS,
  SAMPLER_BLANK,
  SAMPLER_EVENTS,
  SAMPLER_OUTLIERS
};
enum sampler_hook {
  SAMPLER_SWITCHED,
  SAMPLER_WOKEN,
  SAMPLER_BORN,
  SAMPLER_WAKING,
  SAMPLER_RENAMED,
  SAMPLER_WOKEN_TO_QUEUE
};

/// NULL when memory is short.
struct sampler_object* sampler_object_new(void);
/// To be filled in before the load.
struct sampler_settings* sampler_object_settings(struct sampler_object* object);
void sampler_object_set_entries(struct sampler_object* object, enum sampler_map map, unsigned entries);
/// 0 or a negative errno. `log` gets the verifier's words when it is not NULL.
int sampler_object_load(struct sampler_object* object, char* log, size_t log_size);
/// Writes one entry; 0 or a negative errno.
int sampler_object_put(const struct sampler_object* object, enum sampler_map map, unsigned index,
                       const void* value);
int sampler_object_map(const struct sampler_object* object, enum sampler_map map);
/// Attaches for as long as the returned descriptor is open; or a negative errno.
int sampler_object_attach(const struct sampler_object* object, enum sampler_hook hook);
void sampler_object_free(struct sampler_object* object);

#ifdef __cplusplus
}
#endif
