/* Plays a file system that allows a file LINK_LIMIT names, as EFS allows 177. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

static int full(int at, const char *path, int flags) {
  const char *limit = getenv("LINK_LIMIT");
  int follow = flags & AT_SYMLINK_FOLLOW ? 0 : AT_SYMLINK_NOFOLLOW;
  struct stat found;
  return limit && fstatat(at, path, &found, follow) == 0 && found.st_nlink >= (unsigned) atoi(limit);
}

int link(const char *from, const char *to) {
  if (full(AT_FDCWD, from, 0)) return errno = EMLINK, -1;
  return ((int (*)(const char *, const char *)) dlsym(RTLD_NEXT, "link"))(from, to);
}

int linkat(int fromdir, const char *from, int todir, const char *to, int flags) {
  if (full(fromdir, from, flags)) return errno = EMLINK, -1;
  return ((int (*)(int, const char *, int, const char *, int)) dlsym(RTLD_NEXT, "linkat"))(fromdir, from, todir, to, flags);
}
