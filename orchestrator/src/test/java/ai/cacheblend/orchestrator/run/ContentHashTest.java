package ai.cacheblend.orchestrator.run;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.client.PromptSegment;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContentHashTest {
  private static final PromptSegment INSTRUCTION = chunk(1, 2, 3);
  private static final PromptSegment A = chunk(10, 11);
  private static final PromptSegment B = chunk(20, 21, 22);

  @Test
  void orderOfChunksDoesNotMatter() {
    assertThat(ContentHash.ofChunks(List.of(INSTRUCTION, A, B)))
        .isEqualTo(ContentHash.ofChunks(List.of(INSTRUCTION, B, A)));
  }

  @Test
  void promptsThatShareTheSmallestHashAreEqual() {
    var a = ContentHash.ofChunks(List.of(INSTRUCTION, A));
    var b = ContentHash.ofChunks(List.of(INSTRUCTION, B));
    var least = a.asLong() < b.asLong() ? a : b;

    assertThat(a).isNotEqualTo(b);
    assertThat(ContentHash.ofChunks(List.of(INSTRUCTION, A, B))).isEqualTo(least);
  }

  @Test
  void firstChunkIsIgnored() {
    assertThat(ContentHash.ofChunks(List.of(INSTRUCTION, A)))
        .isEqualTo(ContentHash.ofChunks(List.of(chunk(7), A)));
  }

  private static PromptSegment chunk(int... ids) {
    return new PromptSegment(ImmutableIntArray.copyOf(ids), true);
  }
}
