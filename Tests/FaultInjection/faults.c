/*
 * Fails or kills a program at one of its system calls that concern files in a folder. To be loaded with LD_PRELOAD:
 *
 *     cc -shared -fPIC -o faults.so faults.c -ldl
 *     FAULT_FOLDER=/tmp/x FAULT_AT=17 FAULT_KIND=ENOSPC LD_PRELOAD=./faults.so program
 *
 * FAULT_FOLDER       absolute path; only calls on paths in it, and on descriptors opened on such paths, count
 * FAULT_AT           the number of the call to fail, from 1; absent or 0: none
 * FAULT_KIND         kill | short | ENOSPC | EIO | EDQUOT | EACCES | EMFILE | EPERM | EINTR | EINVAL
 * FAULT_STICKY       1: every later call fails as well
 * FAULT_WRITE_LIMIT  the most bytes that one write takes; absent: no limit
 * FAULT_LOG          a file outside the folder that gets the name of every call, one per line
 *
 * A kill comes before the call. "short" halves what a write takes, and leaves other calls alone. A failed close has
 * closed its descriptor, as on Linux.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { descriptors = 1024 };

static atomic_long calls;
static atomic_bool watched[descriptors];
static long failing;
static int error_number;
static int kills, halves, sticky;
static size_t write_limit;
static const char *folder;
static int log_descriptor = -1;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static long number(const char *name) {
    const char *text = getenv(name);
    return text ? atol(text) : 0;
}

__attribute__((constructor)) static void configure(void) {
    static const struct { const char *name; int number; } errors[] = {
        {"ENOSPC", ENOSPC}, {"EIO", EIO},     {"EDQUOT", EDQUOT}, {"EACCES", EACCES},
        {"EMFILE", EMFILE}, {"EPERM", EPERM}, {"EINTR", EINTR}, {"EINVAL", EINVAL},
    };
    folder = getenv("FAULT_FOLDER");
    failing = number("FAULT_AT");
    sticky = number("FAULT_STICKY") != 0;
    write_limit = (size_t)number("FAULT_WRITE_LIMIT");
    const char *kind = getenv("FAULT_KIND");
    if (kind) {
        kills = !strcmp(kind, "kill");
        halves = !strcmp(kind, "short");
        for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
            if (!strcmp(kind, errors[i].name)) error_number = errors[i].number;
    }
    const char *log = getenv("FAULT_LOG");
    if (log) log_descriptor = REAL(open)(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

static int in_folder(const char *path) { return folder && path && !strncmp(path, folder, strlen(folder)); }

static int is_watched(int descriptor) { return descriptor >= 0 && descriptor < descriptors && watched[descriptor]; }

/* Counts a call. Whether it is to fail; if so, errno is set. */
static int fails(const char *name) {
    long call = ++calls;
    if (log_descriptor >= 0) {
        char line[64];
        size_t length = strlen(name);
        memcpy(line, name, length);
        line[length] = '\n';
        if (REAL(write)(log_descriptor, line, length + 1) < 0) abort();
    }
    if (failing == 0 || call < failing || (call > failing && !sticky)) return 0;
    if (kills) kill(getpid(), SIGKILL);
    if (halves || error_number == 0) return 0;
    errno = error_number;
    return 1;
}

/* open and open64 are variadic; the mode is there when the file may be created. */
#define OPEN(function)                                                                          \
    int function(const char *path, int flags, ...) {                                            \
        va_list list;                                                                           \
        va_start(list, flags);                                                                  \
        mode_t mode = flags & O_CREAT ? va_arg(list, mode_t) : 0;                               \
        va_end(list);                                                                           \
        int counts = in_folder(path);                                                           \
        if (counts && fails("open")) return -1;                                                 \
        int descriptor = REAL(function)(path, flags, mode);                                     \
        if (counts && descriptor >= 0 && descriptor < descriptors) watched[descriptor] = 1;     \
        return descriptor;                                                                      \
    }
OPEN(open)
OPEN(open64)

int close(int descriptor) {
    if (!is_watched(descriptor)) return REAL(close)(descriptor);
    int fail = fails("close");
    int error = errno;
    watched[descriptor] = 0;
    int result = REAL(close)(descriptor);
    if (!fail) return result;
    errno = error;
    return -1;
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
    if (!is_watched(descriptor)) return REAL(write)(descriptor, bytes, count);
    if (fails("write")) return -1;
    if (write_limit && count > write_limit) count = write_limit;
    if (halves && count > 1 && (calls == failing || (sticky && calls > failing))) count /= 2;
    return REAL(write)(descriptor, bytes, count);
}

#define ON_DESCRIPTOR(type, function, parameters, arguments, failure)                           \
    type function parameters {                                                                  \
        if (is_watched(descriptor) && fails(#function)) return failure;                         \
        return REAL(function) arguments;                                                        \
    }
ON_DESCRIPTOR(int, fsync, (int descriptor), (descriptor), -1)
ON_DESCRIPTOR(int, fchmod, (int descriptor, mode_t mode), (descriptor, mode), -1)
ON_DESCRIPTOR(int, flock, (int descriptor, int operation), (descriptor, operation), -1)
ON_DESCRIPTOR(int, fstat, (int descriptor, struct stat *status), (descriptor, status), -1)
ON_DESCRIPTOR(int, posix_fallocate, (int descriptor, off_t offset, off_t length), (descriptor, offset, length), errno)

#define ON_PATH(type, function, parameters, arguments, failure)                                 \
    type function parameters {                                                                  \
        if (in_folder(path) && fails(#function)) return failure;                                \
        return REAL(function) arguments;                                                        \
    }
ON_PATH(int, rename, (const char *path, const char *target), (path, target), -1)
ON_PATH(int, link, (const char *path, const char *target), (path, target), -1)
ON_PATH(int, unlink, (const char *path), (path), -1)
ON_PATH(int, access, (const char *path, int mode), (path, mode), -1)
ON_PATH(int, stat, (const char *restrict path, struct stat *restrict status), (path, status), -1)
ON_PATH(int, lstat, (const char *restrict path, struct stat *restrict status), (path, status), -1)
ON_PATH(int, statvfs, (const char *restrict path, struct statvfs *restrict status), (path, status), -1)
ON_PATH(char *, realpath, (const char *restrict path, char *restrict resolved), (path, resolved), NULL)
