// What a script's process must not be able to do.
#define _GNU_SOURCE
#include "door.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define UNUSED __attribute__((unused))

// Files

static bool open_file(const char *path) { return open(path, O_RDONLY) >= 0; }
static bool create_file(const char *path) { return open(path, O_WRONLY | O_CREAT | O_EXCL, 0600) >= 0; }
static bool make_folder(const char *path) { return mkdir(path, 0700) == 0; }
static bool remove_file(const char *path) { return unlink(path) == 0; }
static bool look_for_file(const char *path) { return access(path, F_OK) == 0; }

// Descriptors that the program was started with

static int inherited = -1;

static void inherit_file(const char *path) { door_must((inherited = open(path, O_RDWR)) > 2); }
static void inherit_read_only(const char *path) { door_must((inherited = open(path, O_RDONLY)) > 2); }
static void inherit_error_output(UNUSED const char *argument) {
    door_must(dup2(open("/dev/null", O_WRONLY), inherited = 2) == 2);
}

static bool read_inherited(UNUSED const char *argument) {
    char byte;
    return read(inherited, &byte, 1) >= 0;
}

static bool write_inherited(UNUSED const char *argument) { return write(inherited, "x", 1) == 1; }
static bool map_inherited(UNUSED const char *argument) {
    return mmap(NULL, 1, PROT_READ, MAP_PRIVATE, inherited, 0) != MAP_FAILED;
}
static bool copy_descriptor(UNUSED const char *argument) { return dup(0) >= 0; }

// Network

static struct sockaddr_un listening;
static socklen_t listening_length = sizeof listening;

static void inherit_socket(UNUSED const char *argument) {
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un any = {.sun_family = AF_UNIX};  // the system chooses a name, which is not a file's
    door_must(bind(listener, (struct sockaddr *)&any, sizeof(sa_family_t)) == 0 && listen(listener, 1) == 0);
    door_must(getsockname(listener, (struct sockaddr *)&listening, &listening_length) == 0);
    door_must((inherited = socket(AF_UNIX, SOCK_STREAM, 0)) > 2);
}

static bool connect_socket(UNUSED const char *argument) {
    return connect(inherited, (struct sockaddr *)&listening, listening_length) == 0;
}
static bool make_socket(UNUSED const char *argument) { return socket(AF_INET, SOCK_STREAM, 0) >= 0; }
static bool make_socket_pair(UNUSED const char *argument) {
    int pair[2];
    return socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0;
}
static bool make_pipe(UNUSED const char *argument) {
    int ends[2];
    return pipe(ends) == 0;
}

// Processes

static pid_t another;

static void start_another(UNUSED const char *argument) {
    pid_t parent = getpid();
    another = fork();
    door_must(another >= 0);
    if (another != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    while (getppid() == parent) pause();  // it may have died before the line above
    door_leave(0);
}

static bool kill_another(UNUSED const char *argument) { return kill(another, SIGKILL) == 0; }
static bool attach_to_another(UNUSED const char *argument) { return ptrace(PTRACE_ATTACH, another, NULL, NULL) == 0; }
static bool read_another(UNUSED const char *argument) {
    static char here[8], there[8];
    struct iovec local = {here, 8}, remote = {there, 8};
    return process_vm_readv(another, &local, 1, &remote, 1, 0) == 8;
}

static bool make_child(UNUSED const char *argument) {
    pid_t child = fork();
    if (child == 0) door_leave(0);
    return child > 0;
}

static bool make_child_that_borrows(UNUSED const char *argument) {
    pid_t child = vfork();
    if (child == 0) _exit(0);
    return child > 0;
}

static void *nothing_to_do(void *nothing) { return nothing; }

static bool make_thread(UNUSED const char *argument) {
    pthread_t thread;
    errno = pthread_create(&thread, NULL, nothing_to_do, NULL);
    return errno == 0;
}

// Programs and privileges

static bool run_program(const char *path) {
    char *const arguments[] = {"program", NULL};
    execve(path, arguments, environ);
    return false;
}

static bool is_root(UNUSED const char *argument) {
    errno = EPERM;
    return geteuid() == 0;
}

// `path` is this program with the set-user-id bit.
static bool run_as_owner(const char *path) {
    char *const arguments[] = {"program", "none", "be-root", NULL};
    execve(path, arguments, environ);
    return false;
}

static bool change_root(UNUSED const char *argument) { return chroot("/") == 0; }

// Root that starts a program gets back what the bounding set leaves.
static bool change_root_in_a_program(UNUSED const char *argument) {
    char *const arguments[] = {"program", "none", "change-root", NULL};
    execve("/proc/self/exe", arguments, environ);
    return false;
}

static bool raise_limit(UNUSED const char *argument) {
    struct rlimit more = {64, 64};
    return setrlimit(RLIMIT_NOFILE, &more) == 0;
}

// Memory

static bool map_program(UNUSED const char *argument) {
    return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}
static bool turn_into_program(UNUSED const char *argument) {
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page != MAP_FAILED && mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0;
}
static bool share_memory(UNUSED const char *argument) {
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}
static bool take_a_gigabyte(UNUSED const char *argument) { return malloc((size_t)1 << 30) != NULL; }
static bool take_a_megabyte(UNUSED const char *argument) {
    char *block = malloc(1 << 20);
    return block != NULL && realloc(block, 2 << 20) != NULL;
}

// Time, environment, ends

static bool compute_for_two_seconds(UNUSED const char *argument) {
    struct timespec ran = {0};
    while (ran.tv_sec < 2)
        if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ran) != 0) return false;
    return true;
}

static bool read_secret(const char *name) {
    errno = ENOENT;
    return getenv(name) != NULL;
}

static void go_to_folder(const char *path) {
    struct rlimit core;
    door_must(chdir(path) == 0 && getrlimit(RLIMIT_CORE, &core) == 0);
    core.rlim_cur = core.rlim_max;
    door_must(setrlimit(RLIMIT_CORE, &core) == 0);
}

static bool crash(UNUSED const char *argument) { __builtin_trap(); }

static bool do_nothing(UNUSED const char *argument) { return true; }

const door_attempt door_attempts[] = {
    {"open-file", NULL, open_file, false},
    {"create-file", NULL, create_file, false},
    {"make-folder", NULL, make_folder, false},
    {"remove-file", NULL, remove_file, false},
    {"look-for-file", NULL, look_for_file, false},
    {"read-inherited", inherit_read_only, read_inherited, false},
    {"map-inherited", inherit_read_only, map_inherited, false},
    {"write-inherited", inherit_file, write_inherited, false},
    {"write-error-output", inherit_error_output, write_inherited, false},
    {"copy-descriptor", NULL, copy_descriptor, false},
    {"connect-socket", inherit_socket, connect_socket, false},
    {"make-socket", NULL, make_socket, false},
    {"make-socket-pair", NULL, make_socket_pair, false},
    {"make-pipe", NULL, make_pipe, false},
    {"kill-another", start_another, kill_another, false},
    {"attach-to-another", start_another, attach_to_another, false},
    {"read-another", start_another, read_another, false},
    {"fork", NULL, make_child, false},
    {"vfork", NULL, make_child_that_borrows, false},
    {"make-thread", NULL, make_thread, false},
    {"run-program", NULL, run_program, false},
    {"run-as-owner", NULL, run_as_owner, false},
    {"be-root", NULL, is_root, true},
    {"change-root", NULL, change_root, true},
    {"change-root-in-a-program", NULL, change_root_in_a_program, true},
    {"raise-limit", NULL, raise_limit, false},
    {"map-program", NULL, map_program, false},
    {"turn-into-program", NULL, turn_into_program, false},
    {"share-memory", NULL, share_memory, false},
    {"take-a-gigabyte", NULL, take_a_gigabyte, false},
    {"take-a-megabyte", NULL, take_a_megabyte, false},
    {"compute-for-two-seconds", NULL, compute_for_two_seconds, false},
    {"read-secret", NULL, read_secret, false},
    {"crash", go_to_folder, crash, false},
    {"nothing", NULL, do_nothing, false},
    {NULL, NULL, NULL, false},
};
