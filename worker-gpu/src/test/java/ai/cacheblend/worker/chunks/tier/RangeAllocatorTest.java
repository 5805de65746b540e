package ai.cacheblend.worker.chunks.tier;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RangeAllocatorTest {
  private static final long PAGE = RangeAllocator.ALIGNMENT;

  private record Range(long offset, long byteCount) {
    long end() {
      return offset + RangeAllocator.padded(byteCount);
    }
  }

  @Test
  void rangesBeginAtPages() {
    RangeAllocator allocator = new RangeAllocator(3 * PAGE + 1);

    assertThat(allocator.allocate(1)).hasValue(0);
    assertThat(allocator.allocate(PAGE + 1)).hasValue(PAGE);
    assertThat(allocator.allocate(1)).isEmpty();
  }

  @Test
  void freedNeighboursAreJoined() {
    RangeAllocator allocator = new RangeAllocator(4 * PAGE);
    for (int i = 0; i < 4; i++) {
      allocator.allocate(PAGE);
    }
    allocator.release(0, PAGE);
    allocator.release(2 * PAGE, PAGE);
    assertThat(allocator.allocate(2 * PAGE)).isEmpty();
    allocator.release(PAGE, PAGE);

    assertThat(allocator.allocate(3 * PAGE)).hasValue(0);
  }

  @Test
  void randomRangesNeverOverlapAndAllMemoryComesBack() {
    Random random = new Random(1);
    long byteCount = 64 * PAGE;
    RangeAllocator allocator = new RangeAllocator(byteCount);
    List<Range> ranges = new ArrayList<>();
    for (int step = 0; step < 10_000; step++) {
      if (random.nextInt(2) == 0 && !ranges.isEmpty()) {
        Range range = ranges.remove(random.nextInt(ranges.size()));
        allocator.release(range.offset(), range.byteCount());
        continue;
      }
      long wanted = 1 + random.nextLong(8 * PAGE);
      OptionalLong offset = allocator.allocate(wanted);
      if (offset.isPresent()) {
        Range added = new Range(offset.getAsLong(), wanted);
        assertThat(added.end()).isLessThanOrEqualTo(byteCount);
        assertThat(ranges)
            .allMatch(range -> range.end() <= added.offset() || added.end() <= range.offset());
        ranges.add(added);
      }
    }
    ranges.forEach(range -> allocator.release(range.offset(), range.byteCount()));

    assertThat(allocator.allocate(byteCount)).hasValue(0);
  }
}
