package ai.cacheblend.hub;

import static java.util.Objects.requireNonNull;

/**
 * A file of a commit on the Hub.
 *
 * @param path inside the repository, with {@code /}; stays inside whatever folder it is resolved to
 * @param size bytes
 */
record RemoteFile(String path, long size, BlobId blob) {

  RemoteFile {
    requireNonNull(blob, "blob is null");
    if (!isRelative(path)) {
      throw new IllegalArgumentException("path '%s' leaves its folder".formatted(path));
    }
    if (size < 0) {
      throw new IllegalArgumentException("size of %s is %d".formatted(path, size));
    }
  }

  /** Backslashes and drive letters are refused, too: caches are copied to other systems. */
  private static boolean isRelative(String path) {
    if (path.isEmpty() || path.indexOf('\\') >= 0 || path.matches("[A-Za-z]:.*")) {
      return false;
    }
    if (path.chars().anyMatch(Character::isISOControl)) {
      return false;
    }
    for (String segment : path.split("/", -1)) {
      if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
        return false;
      }
    }
    return true;
  }
}
