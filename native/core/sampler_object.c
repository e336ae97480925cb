#include "core/sampler_object.h"

#include <errno.h>
#include <sampler.lskel.h>
#include <string.h>

struct sampler_object {
  struct sampler_bpf* skeleton;
};

struct sampler_object* sampler_object_new(void) {
  struct sampler_object* object = malloc(sizeof *object);
  if (object == NULL) return NULL;
  object->skeleton = sampler_bpf__open();
  if (object->skeleton != NULL) return object;
  free(object);
  return NULL;
}

struct sampler_settings* sampler_object_settings(struct sampler_object* object) {
  return &object->skeleton->rodata->settings;
}

static struct bpf_map_desc* map_of(const struct sampler_object* object, enum sampler_map map) {
  switch (map) {
    case SAMPLER_CPUS:
      return &object->skeleton->maps.cpus;
    case SAMPLER_TASKS:
      return &object->skeleton->maps.tasks;
    case SAMPLER_ROWS:
      return &object->skeleton->maps.rows;
    case SAMPLER_BLANK:
      return &object->skeleton->maps.blank;
    case SAMPLER_EVENTS:
      return &object->skeleton->maps.pmc_events;
    default:
      return &object->skeleton->maps.outliers;
  }
}

void sampler_object_set_entries(struct sampler_object* object, enum sampler_map map, unsigned entries) {
  map_of(object, map)->max_entries = entries;
}

int sampler_object_load(struct sampler_object* object, char* log, size_t log_size) {
  struct bpf_loader_ctx* ctx = &object->skeleton->ctx;
  ctx->log_level = log != NULL;
  ctx->log_buf = (uintptr_t)log;
  ctx->log_size = log != NULL ? log_size : 0;
  return sampler_bpf__load(object->skeleton);
}

int sampler_object_map(const struct sampler_object* object, enum sampler_map map) {
  return map_of(object, map)->map_fd;
}

int sampler_object_put(const struct sampler_object* object, enum sampler_map map, unsigned index,
                       const void* value) {
  return skel_map_update_elem(map_of(object, map)->map_fd, &index, value, BPF_ANY) < 0 ? -errno : 0;
}

int sampler_object_attach(const struct sampler_object* object, enum sampler_hook hook) {
  const struct sampler_bpf* skeleton = object->skeleton;
  const int programs[] = {
      [SAMPLER_SWITCHED] = skeleton->progs.switched.prog_fd,
      [SAMPLER_WOKEN] = skeleton->progs.woken.prog_fd,
      [SAMPLER_BORN] = skeleton->progs.born.prog_fd,
      [SAMPLER_WAKING] = skeleton->progs.waking.prog_fd,
      [SAMPLER_RENAMED] = skeleton->progs.renamed.prog_fd,
      [SAMPLER_WOKEN_TO_QUEUE] = skeleton->progs.woken_to_queue.prog_fd,
  };
  const int fd = skel_raw_tracepoint_open(NULL, programs[hook]);
  return fd < 0 ? -errno : fd;
}

void sampler_object_free(struct sampler_object* object) {
  if (object == NULL) return;
  sampler_bpf__destroy(object->skeleton);
  free(object);
}
