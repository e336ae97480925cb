#include "runq_object.h"

#include <errno.h>
#include <runq.lskel.h>

const volatile struct runq_state* runq_object_load(unsigned possible_cpus) {
  struct runq_bpf* object = runq_bpf__open();
  if (object == NULL) return NULL;
  object->rodata->cpus = possible_cpus;
  int error = -runq_bpf__load(object);
  if (error == 0 && runq_bpf__attach(object) < 0) error = errno;
  if (error == 0) return &object->bss->state;
  runq_bpf__destroy(object);
  errno = error;
  return NULL;
}
