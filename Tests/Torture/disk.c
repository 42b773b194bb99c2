// A disk that fails, for one process: preloaded, it stands between a program and the files beneath $TORTURE_DIR.
//
//     TORTURE_COUNT=FILE      counts calls in FILE: two 64-bit numbers, syncs and writes; they outlive the process
//     TORTURE_KILL_SYNC=N     the process dies (SIGKILL) at the N-th sync, before it has happened
//     TORTURE_FAIL_SYNC=N     the N-th sync, and only that, fails with EIO
//     TORTURE_STOP_SYNC=N     the process stands still (SIGSTOP) before the N-th sync, with all its locks
//     TORTURE_FULL_WRITE=N    from the N-th write on the disk is full: ENOSPC
//     TORTURE_SHADOW=DIR      after each sync that succeeded, DIR has the file as it was synced: what a power cut would leave.
//                             A file that was deleted is there until its folder is synced
//
// Memory that is mapped is not seen.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static char folder[PATH_MAX], shadow[PATH_MAX];
static size_t folder_length;
static long kill_sync, fail_sync, stop_sync, full_write;
static _Atomic uint64_t own[2], *counts = own;
static pthread_mutex_t copying = PTHREAD_MUTEX_INITIALIZER;

static long number(const char *name) {
    const char *text = getenv(name);
    return text ? atol(text) : 0;
}

__attribute__((constructor)) static void begin(void) {
    const char *dir = getenv("TORTURE_DIR");
    if (!dir || !realpath(dir, folder)) return;
    folder_length = strlen(folder);
    kill_sync = number("TORTURE_KILL_SYNC");
    fail_sync = number("TORTURE_FAIL_SYNC");
    stop_sync = number("TORTURE_STOP_SYNC");
    full_write = number("TORTURE_FULL_WRITE");
    const char *to = getenv("TORTURE_SHADOW");
    if (to && !realpath(to, shadow)) shadow[0] = 0;
    const char *count = getenv("TORTURE_COUNT");
    if (!count) return;
    int fd = open(count, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return;
    if (ftruncate(fd, sizeof own) == 0) {
        void *memory = mmap(NULL, sizeof own, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (memory != MAP_FAILED) counts = memory;
    }
    close(fd);
}

// The path of a file of ours, or of the folder itself; else 0.
static int ours(int fd, char *path) {
    if (folder_length == 0) return 0;
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    int kept = errno;
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    errno = kept;
    if (length < (ssize_t)folder_length) return 0;
    path[length] = 0;
    return strncmp(path, folder, folder_length) == 0 && (path[folder_length] == '/' || path[folder_length] == 0);
}

// The folder itself was synced: what it no longer has, the disk no longer has.
static void forget_deleted(void) {
    pthread_mutex_lock(&copying);
    DIR *listing = opendir(shadow);
    for (struct dirent *entry; listing && (entry = readdir(listing));) {
        char real[2 * PATH_MAX], copy[2 * PATH_MAX];
        snprintf(real, sizeof real, "%s/%s", folder, entry->d_name);
        snprintf(copy, sizeof copy, "%s/%s", shadow, entry->d_name);
        if (entry->d_name[0] != '.' && access(real, F_OK) != 0) unlink(copy);
    }
    if (listing) closedir(listing);
    pthread_mutex_unlock(&copying);
}

// Makes the shadow of a file what the file is. Other threads may write meanwhile: what they write is not synced, and may be in it, as
// it may on a disk.
static void cast_shadow(const char *path) {
    char target[2 * PATH_MAX], fresh[2 * PATH_MAX + 8], buffer[1 << 16];
    const char *name = strrchr(path, '/') + 1;
    snprintf(target, sizeof target, "%s/%s", shadow, name);
    snprintf(fresh, sizeof fresh, "%s.fresh", target);
    pthread_mutex_lock(&copying);
    // The system calls themselves: these files are nobody's who counts.
    int from = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    int to = syscall(SYS_openat, AT_FDCWD, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ssize_t count;
    while (from >= 0 && to >= 0 && (count = syscall(SYS_read, from, buffer, sizeof buffer)) > 0)
        if (syscall(SYS_write, to, buffer, count) != count) break;
    if (from >= 0) syscall(SYS_close, from);
    if (to >= 0) {
        syscall(SYS_close, to);
        rename(fresh, target);
    }
    pthread_mutex_unlock(&copying);
}

static int sync_one(int fd, const char *name) {
    int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    char path[PATH_MAX];
    if (!ours(fd, path)) return next(fd);
    long n = (long)atomic_fetch_add(&counts[0], 1) + 1;
    if (n == kill_sync) {
        kill(getpid(), SIGKILL);
        for (;;) pause();
    }
    if (n == stop_sync) kill(getpid(), SIGSTOP);
    if (n == fail_sync) {
        errno = EIO;
        return -1;
    }
    int result = next(fd);
    if (result == 0 && shadow[0]) {
        if (path[folder_length] == 0)
            forget_deleted();
        else
            cast_shadow(path);
    }
    return result;
}

int fsync(int fd) { return sync_one(fd, "fsync"); }
int fdatasync(int fd) { return sync_one(fd, "fdatasync"); }

// True when the disk has no room for this write.
static int is_full(int fd) {
    char path[PATH_MAX];
    if (!ours(fd, path)) return 0;
    long n = (long)atomic_fetch_add(&counts[1], 1) + 1;
    if (full_write == 0 || n < full_write) return 0;
    errno = ENOSPC;
    return 1;
}

#define WRITES(name, parameters, arguments)                                       \
    ssize_t name parameters {                                                     \
        static ssize_t(*next) parameters;                                         \
        if (!next) next = (ssize_t(*) parameters)dlsym(RTLD_NEXT, #name);         \
        return is_full(fd) ? -1 : next arguments;                                 \
    }

WRITES(write, (int fd, const void *bytes, size_t count), (fd, bytes, count))
WRITES(pwrite, (int fd, const void *bytes, size_t count, off_t at), (fd, bytes, count, at))
WRITES(pwrite64, (int fd, const void *bytes, size_t count, off64_t at), (fd, bytes, count, at))
WRITES(writev, (int fd, const struct iovec *parts, int count), (fd, parts, count))
WRITES(pwritev, (int fd, const struct iovec *parts, int count, off_t at), (fd, parts, count, at))
WRITES(pwritev64, (int fd, const struct iovec *parts, int count, off64_t at), (fd, parts, count, at))

int fallocate(int fd, int mode, off_t at, off_t length) {
    int (*next)(int, int, off_t, off_t) = (int (*)(int, int, off_t, off_t))dlsym(RTLD_NEXT, "fallocate");
    return is_full(fd) ? -1 : next(fd, mode, at, length);
}

int posix_fallocate(int fd, off_t at, off_t length) {
    int (*next)(int, off_t, off_t) = (int (*)(int, off_t, off_t))dlsym(RTLD_NEXT, "posix_fallocate");
    return is_full(fd) ? ENOSPC : next(fd, at, length);
}
