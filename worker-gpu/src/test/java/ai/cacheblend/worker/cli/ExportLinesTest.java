package ai.cacheblend.worker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExportLinesTest {
  private static final long MIB = 1 << 20;
  private static final long SECOND = 1_000_000_000;

  private final List<String> lines = new ArrayList<>();
  private long nanos;

  @Test
  void tenPerCentArePrintedOnceWithTheRate() {
    ExportLines progress =
        new ExportLines(
            lines::add,
            new Ticker() {
              @Override
              public long read() {
                return nanos;
              }
            });
    progress.written("a", 5 * MIB, 100 * MIB);
    nanos = 2 * SECOND;
    progress.written("a", 10 * MIB, 100 * MIB);
    progress.written("a", 11 * MIB, 100 * MIB);
    nanos = 4 * SECOND;
    progress.written("b", 100 * MIB, 100 * MIB);
    progress.warning("odd\u0007");

    assertThat(lines)
        .containsExactly(
            "weights 10 %, 10 of 100 MiB, 5 MiB/s",
            "weights 100 %, 100 of 100 MiB, 25 MiB/s", "warning: odd\\u0007");
  }
}
