/* A disk whose sync takes longer: sleeps EMULATOR_BENCH_SYNC_MS milliseconds before every fsync and fdatasync of the
 * process that loads this first. The real sync follows. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void wait_for_the_disk(void) {
    const char *text = getenv("EMULATOR_BENCH_SYNC_MS");
    long ms = text ? atol(text) : 0;
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

int fsync(int file) {
    wait_for_the_disk();
    return (int)syscall(SYS_fsync, file);
}

int fdatasync(int file) {
    wait_for_the_disk();
    return (int)syscall(SYS_fdatasync, file);
}
