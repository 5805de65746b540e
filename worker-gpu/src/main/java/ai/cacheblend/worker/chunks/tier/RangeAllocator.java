package ai.cacheblend.worker.chunks.tier;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** Divides memory into ranges: first fit, and adjacent free ranges are joined. Not thread-safe. */
final class RangeAllocator {
  /** Ranges begin at pages, as direct I/O requires. */
  static final long ALIGNMENT = 4096;

  /** Length by offset. */
  private final NavigableMap<Long, Long> free = new TreeMap<>();

  RangeAllocator(long byteCount) {
    long usable = byteCount - byteCount % ALIGNMENT;
    if (usable > 0) {
      free.put(0L, usable);
    }
  }

  /** Bytes that a range takes. */
  static long padded(long byteCount) {
    return (byteCount + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /** Offset of a range; empty if no free range is long enough. */
  OptionalLong allocate(long byteCount) {
    checkArgument(byteCount >= 1, "byteCount is %s, must be 1 or more", byteCount);
    long length = padded(byteCount);
    Optional<Map.Entry<Long, Long>> found =
        free.entrySet().stream().filter(range -> range.getValue() >= length).findFirst();
    if (found.isPresent()) {
      long offset = found.get().getKey();
      long rest = found.get().getValue() - length;
      free.remove(offset);
      if (rest > 0) {
        free.put(offset + length, rest);
      }
      return OptionalLong.of(offset);
    }
    return OptionalLong.empty();
  }

  /** Frees a range that was allocated with this length. */
  void release(long offset, long byteCount) {
    long length = padded(byteCount);
    Map.Entry<Long, Long> after = free.ceilingEntry(offset);
    if (after != null && after.getKey() == offset + length) {
      free.remove(after.getKey());
      length += after.getValue();
    }
    Map.Entry<Long, Long> before = free.floorEntry(offset);
    if (before != null && before.getKey() + before.getValue() == offset) {
      free.put(before.getKey(), before.getValue() + length);
    } else {
      free.put(offset, length);
    }
  }
}
