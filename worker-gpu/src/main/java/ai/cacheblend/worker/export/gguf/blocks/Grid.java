package ai.cacheblend.worker.export.gguf.blocks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.common.base.VerifyException;
import com.google.common.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * The points of a lattice to which groups of numbers are quantised. A resource has one line per
 * point, with one digit per number, which is the index of its level.
 */
final class Grid {

  private final int width;
  private final byte[] values;

  private Grid(int width, byte[] values) {
    this.width = width;
    this.values = values;
  }

  /** The grid in the resource of that name, of points of {@code width} numbers. */
  static Grid load(String name, int width, int... levels) {
    List<String> points;
    try {
      points =
          Resources.readLines(Resources.getResource(Grid.class, name + ".grid"), US_ASCII).stream()
              .filter(line -> !line.startsWith("#"))
              .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    byte[] values = new byte[points.size() * width];
    for (int point = 0; point < points.size(); point++) {
      if (points.get(point).length() != width) {
        throw new VerifyException("%s.grid: point %d".formatted(name, point));
      }
      for (int i = 0; i < width; i++) {
        values[point * width + i] = (byte) levels[points.get(point).charAt(i) - '0'];
      }
    }
    return new Grid(width, values);
  }

  /** Numbers per point. */
  int width() {
    return width;
  }

  /** Number {@code i} of a point. */
  float value(int point, int i) {
    return values[point * width + i];
  }
}
