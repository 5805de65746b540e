package ai.cacheblend.host;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads single values from files below a folder.
 *
 * @param root empty: no file has a value
 */
record FirstMatch(Optional<Path> root) {

  OptionalDouble real(String file, Pattern pattern) {
    return text(file, pattern)
        .map(text -> OptionalDouble.of(Double.parseDouble(text)))
        .orElse(OptionalDouble.empty());
  }

  OptionalLong integer(String file, Pattern pattern) {
    return text(file, pattern)
        .map(text -> OptionalLong.of(Long.parseLong(text)))
        .orElse(OptionalLong.empty());
  }

  /** Group 1 in the first line that begins with {@code pattern}; no later line is read. */
  Optional<String> text(String file, Pattern pattern) {
    if (root.isEmpty()) {
      return Optional.empty();
    }
    try (BufferedReader lines = Files.newBufferedReader(root.get().resolve(file))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Matcher matcher = pattern.matcher(line);
        if (matcher.lookingAt()) {
          return Optional.of(matcher.group(1));
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
