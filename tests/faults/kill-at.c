/* kill-at.c: a library for LD_PRELOAD that kills the process at a chosen system call. It counts the
 * calls that change what lies in a folder, and ends the process by SIGKILL at one of them, so that
 * a test can go through every state that a kill can leave behind.
 *
 *   EIDOSCOPE_KILL_BELOW   the folder, an absolute path without links in it
 *   EIDOSCOPE_KILL_AT      the number of the point, from 1; 0 or unset: none, to count them
 *   EIDOSCOPE_KILL_LOG     a file, outside the folder, that each point is appended to: "17 rename PATH"
 *
 * A call is a point before it is made. A write of more than one byte is a second point, at which
 * half of it has been made. Memory that is mapped and streams of the C library are not seen: nothing
 * below a run's folder is written through them but the index of SQLite's log, which is made anew
 * after a kill.                                                              */
#define _GNU_SOURCE
/* pwrite() and pwrite64() are two functions here. */
#undef _FILE_OFFSET_BITS
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define EXPORT __attribute__ ((visibility ("default")))
/* The function of that name that this one stands before. */
#define NEXT(NAME) ((__typeof__ (&NAME)) dlsym (RTLD_NEXT, #NAME))

static atomic_uint points;

/* --- Which calls count ---------------------------------------------------------- */

static int
is_below (const char *path)
{
  const char *folder = getenv ("EIDOSCOPE_KILL_BELOW");
  const size_t length = folder != NULL ? strlen (folder) : 0;

  return length > 0 && strncmp (path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/* @path as the call takes it, relative to @at, written in full to @full [PATH_MAX]. */
static int
name_is_below (int at, const char *path, char *full)
{
  char base[64], folder[PATH_MAX];
  ssize_t length;

  if (path == NULL)
    return 0;
  if (path[0] == '/')
    snprintf (full, PATH_MAX, "%s", path);
  else
    {
      if (at == AT_FDCWD)
        snprintf (base, sizeof base, "/proc/self/cwd");
      else
        snprintf (base, sizeof base, "/proc/self/fd/%d", at);
      length = readlink (base, folder, sizeof folder - 1);
      if (length < 0)
        return 0;
      folder[length] = '\0';
      if (snprintf (full, PATH_MAX, "%s/%s", folder, path) >= PATH_MAX)
        return 0;
    }
  return is_below (full);
}

static int
file_is_below (int file, char *full)
{
  char link[64];
  ssize_t length;

  snprintf (link, sizeof link, "/proc/self/fd/%d", file);
  length = readlink (link, full, PATH_MAX - 1);
  if (length < 0)
    return 0;
  full[length] = '\0';
  return is_below (full);
}

/* --- Points --------------------------------------------------------------------- */

/* By system calls alone: what this file stands before is not called again. */
static void
append_log (unsigned number, const char *call, const char *path)
{
  const char *log = getenv ("EIDOSCOPE_KILL_LOG");
  char line[PATH_MAX + 64];
  int length, file;

  if (log == NULL)
    return;
  length = snprintf (line, sizeof line, "%u %s %s\n", number, call, path);
  file = (int) syscall (SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0)
    return;
  syscall (SYS_write, file, line, (size_t) length);
  syscall (SYS_close, file);
}

/* Whether this is the point at which the process ends. */
static int
is_the_point (const char *call, const char *path)
{
  const char *at = getenv ("EIDOSCOPE_KILL_AT");
  const unsigned number = atomic_fetch_add (&points, 1) + 1;

  append_log (number, call, path);
  return at != NULL && strtoul (at, NULL, 10) == number;
}

__attribute__ ((noreturn)) static void
end (void)
{
  for (;;)
    kill (getpid (), SIGKILL);
}

static void
pass_name (const char *call, int at, const char *path)
{
  const int code = errno;
  char full[PATH_MAX];

  if (name_is_below (at, path, full) && is_the_point (call, full))
    end ();
  errno = code;
}

static void
pass_file (const char *call, int file)
{
  const int code = errno;
  char full[PATH_MAX];

  if (file_is_below (file, full) && is_the_point (call, full))
    end ();
  errno = code;
}

/* Before a write of @size bytes: how many to write before the end; 0: all, and go on. */
static size_t
pass_write (const char *call, int file, size_t size)
{
  const int code = errno;
  char full[PATH_MAX];

  if (file_is_below (file, full))
    {
      if (is_the_point (call, full))
        end ();
      if (size > 1 && is_the_point ("half-write", full))
        return size / 2;
    }
  errno = code;
  return 0;
}

/* --- Writing -------------------------------------------------------------------- */

EXPORT ssize_t
write (int file, const void *data, size_t size)
{
  const size_t half = pass_write ("write", file, size);

  if (half > 0)
    {
      syscall (SYS_write, file, data, half);
      end ();
    }
  return NEXT (write) (file, data, size);
}

EXPORT ssize_t
pwrite (int file, const void *data, size_t size, off_t place)
{
  const size_t half = pass_write ("pwrite", file, size);

  if (half > 0)
    {
      syscall (SYS_pwrite64, file, data, half, place);
      end ();
    }
  return NEXT (pwrite) (file, data, size, place);
}

EXPORT ssize_t
pwrite64 (int file, const void *data, size_t size, off64_t place)
{
  const size_t half = pass_write ("pwrite", file, size);

  if (half > 0)
    {
      syscall (SYS_pwrite64, file, data, half, place);
      end ();
    }
  return NEXT (pwrite64) (file, data, size, place);
}

EXPORT ssize_t
writev (int file, const struct iovec *pieces, int count)
{
  pass_file ("writev", file);
  return NEXT (writev) (file, pieces, count);
}

EXPORT int
ftruncate (int file, off_t size)
{
  pass_file ("ftruncate", file);
  return NEXT (ftruncate) (file, size);
}

EXPORT int
ftruncate64 (int file, off64_t size)
{
  pass_file ("ftruncate", file);
  return NEXT (ftruncate64) (file, size);
}

EXPORT int
fallocate (int file, int mode, off_t place, off_t size)
{
  pass_file ("fallocate", file);
  return NEXT (fallocate) (file, mode, place, size);
}

EXPORT int
posix_fallocate (int file, off_t place, off_t size)
{
  pass_file ("fallocate", file);
  return NEXT (posix_fallocate) (file, place, size);
}

EXPORT int
fsync (int file)
{
  pass_file ("fsync", file);
  return NEXT (fsync) (file);
}

EXPORT int
fdatasync (int file)
{
  pass_file ("fdatasync", file);
  return NEXT (fdatasync) (file);
}

/* --- Names ---------------------------------------------------------------------- */

static int
takes_mode (int flags)
{
  return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
}

/* An open() counts where it may make a file or empty one. */
#define OPEN(NAME)                                                                                           \
  EXPORT int NAME (const char *path, int flags, ...)                                                         \
  {                                                                                                          \
    mode_t mode;                                                                                             \
    va_list arguments;                                                                                       \
                                                                                                             \
    va_start (arguments, flags);                                                                             \
    mode = takes_mode (flags) ? va_arg (arguments, mode_t) : 0;                                              \
    va_end (arguments);                                                                                      \
    if (flags & (O_CREAT | O_TRUNC))                                                                         \
      pass_name ("open", AT_FDCWD, path);                                                                    \
    return NEXT (NAME) (path, flags, mode);                                                                  \
  }

#define OPEN_AT(NAME)                                                                                        \
  EXPORT int NAME (int at, const char *path, int flags, ...)                                                 \
  {                                                                                                          \
    mode_t mode;                                                                                             \
    va_list arguments;                                                                                       \
                                                                                                             \
    va_start (arguments, flags);                                                                             \
    mode = takes_mode (flags) ? va_arg (arguments, mode_t) : 0;                                              \
    va_end (arguments);                                                                                      \
    if (flags & (O_CREAT | O_TRUNC))                                                                         \
      pass_name ("open", at, path);                                                                          \
    return NEXT (NAME) (at, path, flags, mode);                                                              \
  }

OPEN (open)
OPEN (open64)
OPEN_AT (openat)
OPEN_AT (openat64)

EXPORT int
mkdir (const char *path, mode_t mode)
{
  pass_name ("mkdir", AT_FDCWD, path);
  return NEXT (mkdir) (path, mode);
}

EXPORT int
mkdirat (int at, const char *path, mode_t mode)
{
  pass_name ("mkdir", at, path);
  return NEXT (mkdirat) (at, path, mode);
}

EXPORT int
rename (const char *from, const char *to)
{
  pass_name ("rename", AT_FDCWD, to);
  return NEXT (rename) (from, to);
}

EXPORT int
renameat (int from_at, const char *from, int to_at, const char *to)
{
  pass_name ("rename", to_at, to);
  return NEXT (renameat) (from_at, from, to_at, to);
}

EXPORT int
renameat2 (int from_at, const char *from, int to_at, const char *to, unsigned flags)
{
  pass_name ("rename", to_at, to);
  return NEXT (renameat2) (from_at, from, to_at, to, flags);
}

EXPORT int
link (const char *from, const char *to)
{
  pass_name ("link", AT_FDCWD, to);
  return NEXT (link) (from, to);
}

EXPORT int
unlink (const char *path)
{
  pass_name ("unlink", AT_FDCWD, path);
  return NEXT (unlink) (path);
}

EXPORT int
unlinkat (int at, const char *path, int flags)
{
  pass_name ("unlink", at, path);
  return NEXT (unlinkat) (at, path, flags);
}

EXPORT int
remove (const char *path)
{
  pass_name ("remove", AT_FDCWD, path);
  return NEXT (remove) (path);
}

EXPORT int
rmdir (const char *path)
{
  pass_name ("rmdir", AT_FDCWD, path);
  return NEXT (rmdir) (path);
}
