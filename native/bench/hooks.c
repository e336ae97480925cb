// Attaches bpf/nothing.bpf.c until standard input ends; says "attached" when it is. For `tunesmith bench
// telemetry`.
#include <errno.h>
#include <nothing.lskel.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void) {
  struct nothing_bpf* object = nothing_bpf__open_and_load();
  if (object == NULL || nothing_bpf__attach(object) < 0) {
    fprintf(stderr, "empty programs: %s\n", strerror(errno));
    return 1;
  }
  puts("attached");
  fflush(stdout);
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) continue;
  nothing_bpf__destroy(object);
  return 0;
}
