// Attaches bpf/empty.bpf.c until standard input ends; says "attached" when it is. For `tunesmith bench telemetry`.
#include <empty.lskel.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void) {
  struct empty_bpf* object = empty_bpf__open_and_load();
  if (object == NULL || empty_bpf__attach(object) < 0) {
    fprintf(stderr, "empty programs: %s\n", strerror(errno));
    return 1;
  }
  puts("attached");
  fflush(stdout);
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) continue;
  empty_bpf__destroy(object);
  return 0;
}
