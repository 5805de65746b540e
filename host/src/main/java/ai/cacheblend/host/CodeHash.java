package ai.cacheblend.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Hashes the classes of modules, in jars or in directories, with the same result. */
final class CodeHash {
  private CodeHash() {}

  /**
   * SHA-256, hexadecimal, of names and contents of the class files beside each of {@code parts}.
   */
  static String of(Class<?>... parts) {
    return of(Stream.of(parts).map(CodeHash::location).distinct().toList());
  }

  private static Path location(Class<?> part) {
    try {
      return Path.of(part.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("location of " + part + " is not a path", e);
    }
  }

  static String of(List<Path> jarsOrDirectories) {
    Hasher hasher = Hashing.sha256().newHasher();
    for (Path location : jarsOrDirectories) {
      try {
        if (Files.isDirectory(location)) {
          add(hasher, location);
        } else {
          try (FileSystem jar = FileSystems.newFileSystem(location)) {
            add(hasher, jar.getPath("/"));
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read the program's classes in " + location, e);
      }
    }
    return hasher.hash().toString();
  }

  private static void add(Hasher hasher, Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      List<String> names =
          files
              .map(file -> root.relativize(file).toString())
              .filter(name -> name.endsWith(".class"))
              .sorted()
              .toList();
      for (String name : names) {
        byte[] content = Files.readAllBytes(root.resolve(name));
        hasher.putString(name, UTF_8).putInt(content.length).putBytes(content);
      }
    }
  }
}
