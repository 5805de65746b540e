package ai.cacheblend.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FreeSpaceTest {

  @TempDir Path root;

  @Test
  void needsNoMountPoint() {
    assertThat(FreeSpace.ofFileSystem(folder(1000, 300))).isEqualTo(300);
  }

  @Test
  void unknownSpaceRefusesNothing() {
    assertThat(FreeSpace.ofFileSystem(folder(0, 0))).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void existingFolderHasSpace() {
    assertThat(FreeSpace.ofFileSystem(root)).isBetween(1L, root.toFile().getTotalSpace());
  }

  /** As in a chroot whose list of mounts lacks the folder's: {@code Files.getFileStore} fails. */
  private static Path folder(long totalBytes, long usableBytes) {
    return (Path)
        Proxy.newProxyInstance(
            FreeSpaceTest.class.getClassLoader(),
            new Class<?>[] {Path.class},
            (path, method, arguments) -> {
              if (method.getName().equals("toFile")) {
                return new SizedFile(totalBytes, usableBytes);
              }
              throw new UncheckedIOException(new IOException("Mount point not found"));
            });
  }

  private static final class SizedFile extends File {
    private static final long serialVersionUID = 1;
    private final long totalBytes;
    private final long usableBytes;

    SizedFile(long totalBytes, long usableBytes) {
      super("folder");
      this.totalBytes = totalBytes;
      this.usableBytes = usableBytes;
    }

    @Override
    public long getTotalSpace() {
      return totalBytes;
    }

    @Override
    public long getUsableSpace() {
      return usableBytes;
    }
  }
}
