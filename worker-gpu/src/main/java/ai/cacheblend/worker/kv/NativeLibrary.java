package ai.cacheblend.worker.kv;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * {@code libcacheblend.so}, unpacked from the jar and loaded once. ONNX Runtime registers custom
 * ops from the same path, so that the JVM and graphs share one registry of pools and sequences.
 */
public final class NativeLibrary {
  private static final String RESOURCE = "/native/linux-x86_64/libcacheblend.so";

  @GuardedBy("NativeLibrary.class")
  private static Path loaded;

  private NativeLibrary() {}

  /**
   * The loaded library's file, for {@code registerCustomOpLibrary}.
   *
   * @throws UnsupportedOperationException on a platform that the library is not built for
   */
  public static synchronized Path path() {
    if (loaded == null) {
      loaded = load();
    }
    return loaded;
  }

  /** Instruction set that the CPU kernels run on: avx512, avx2 or baseline. */
  public static String instructionSet() {
    path();
    return Native.instructionSet();
  }

  static void checkPlatform(String operatingSystem, String architecture) {
    boolean linux = operatingSystem.toLowerCase(Locale.ROOT).startsWith("linux");
    boolean x86 = architecture.equals("amd64") || architecture.equals("x86_64");
    if (!linux || !x86) {
      throw new UnsupportedOperationException(
          "the native library runs on Linux on x86-64, not on %s on %s"
              .formatted(operatingSystem, architecture));
    }
  }

  private static Path load() {
    checkPlatform(System.getProperty("os.name"), System.getProperty("os.arch"));
    try (InputStream library = NativeLibrary.class.getResourceAsStream(RESOURCE)) {
      if (library == null) {
        throw new IllegalStateException("the build left out " + RESOURCE);
      }
      Path folder = Files.createTempDirectory("cacheblend-native");
      folder.toFile().deleteOnExit(); // runs after the file's: last registered, first deleted
      Path file = folder.resolve("libcacheblend.so");
      file.toFile().deleteOnExit();
      Files.copy(library, file);
      System.load(file.toString());
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unpack " + RESOURCE, e);
    }
  }
}
