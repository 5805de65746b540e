package ai.cacheblend.hub;

import java.io.File;
import java.nio.file.Path;

/** Free bytes for this user on the file system of a folder. */
interface FreeSpace {

  long bytes(Path folder);

  /**
   * As the operating system reports it; {@code Long.MAX_VALUE} if it reports nothing.
   *
   * <p>{@code Files.getFileStore} fails in containers whose list of mounts is incomplete.
   */
  static long ofFileSystem(Path folder) {
    File file = folder.toFile();
    return file.getTotalSpace() == 0 ? Long.MAX_VALUE : file.getUsableSpace();
  }
}
