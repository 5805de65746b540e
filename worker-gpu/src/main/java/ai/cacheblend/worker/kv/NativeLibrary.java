package ai.cacheblend.worker.kv;

import com.google.common.hash.Hashing;
import com.google.common.hash.HashingInputStream;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Unpacks {@code libcacheblend.so} from the jar and loads it once. ONNX Runtime registers the
 * custom ops from the same file, so that the JVM and graphs share one registry of pools and
 * sequences.
 */
public final class NativeLibrary {
  private static final String RESOURCE = "/native/linux-x86_64/libcacheblend.so";

  /**
   * @param sha256 hexadecimal
   */
  private record Loaded(Path file, String sha256) {}

  @GuardedBy("NativeLibrary.class")
  private static Loaded loaded;

  private NativeLibrary() {}

  /**
   * Loads the library and returns its file, for {@code registerCustomOpLibrary}.
   *
   * @throws UnsupportedOperationException on a platform that the library is not built for
   */
  public static Path path() {
    return loaded().file;
  }

  /** Hexadecimal SHA-256 of the library. */
  public static String sha256() {
    return loaded().sha256;
  }

  private static synchronized Loaded loaded() {
    if (loaded == null) {
      loaded = load();
    }
    return loaded;
  }

  /** Instruction set of the CPU kernels: avx512, avx2 or baseline. */
  public static String instructionSet() {
    path();
    return Native.instructionSet();
  }

  /** Whether the library contains the CUDA kernels. */
  public static boolean hasCudaKernels() {
    path();
    return Native.hasCudaKernels();
  }

  static void checkPlatform(String operatingSystem, String architecture) {
    boolean linux = operatingSystem.toLowerCase(Locale.ROOT).startsWith("linux");
    boolean x86 = architecture.equals("amd64") || architecture.equals("x86_64");
    if (!linux || !x86) {
      throw new UnsupportedOperationException(
          "the native library needs Linux on x86-64, this is %s on %s"
              .formatted(operatingSystem, architecture));
    }
  }

  private static Loaded load() {
    checkPlatform(System.getProperty("os.name"), System.getProperty("os.arch"));
    try (InputStream library = NativeLibrary.class.getResourceAsStream(RESOURCE)) {
      if (library == null) {
        throw new IllegalStateException(
            "the jar lacks " + RESOURCE + "; build worker-gpu without -Dexec.skip");
      }
      Path folder = Files.createTempDirectory("cacheblend-native");
      folder.toFile().deleteOnExit(); // files are deleted in reverse order of registration
      Path file = folder.resolve("libcacheblend.so");
      file.toFile().deleteOnExit();
      HashingInputStream hashed = new HashingInputStream(Hashing.sha256(), library);
      Files.copy(hashed, file);
      System.load(file.toString());
      return new Loaded(file, hashed.hash().toString());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unpack " + RESOURCE, e);
    }
  }
}
